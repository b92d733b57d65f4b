use super::*;

fn limits(max_bytes: usize) -> Limits {
    Limits {
        retries: crate::RetryPolicy::none(),
        deadline: None,
        attempt: Duration::from_secs(5),
        response_bytes: max_bytes,
        is_streamed: true,
    }
}

fn file(body: Body, max_bytes: usize) -> File {
    file_with(&HeaderMap::new(), body, max_bytes)
}

fn file_with(headers: &HeaderMap, body: Body, max_bytes: usize) -> File {
    File::new(headers, body, &limits(max_bytes))
}

/// Two bytes, and then what comes next.
fn body(next: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static) -> Body {
    use futures_util::StreamExt;
    let begins = futures_util::stream::iter([Ok(Bytes::from_static(b"ab"))]);
    let frames = begins
        .chain(next)
        .map(|data| data.map(http_body::Frame::data));
    Body::wrap(http_body_util::StreamBody::new(frames))
}

#[tokio::test]
async fn a_file_has_its_type_and_name_and_may_be_as_large_as_is_allowed() {
    let headers = [
        (CONTENT_TYPE, "application/pdf"),
        (CONTENT_DISPOSITION, "attachment; filename=\"report.pdf\""),
    ];
    let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
    let file = file_with(&HeaderMap::from_iter(headers), Body::from("abcd"), 4);
    assert_eq!(file.content_type(), Some("application/pdf"));
    assert_eq!(file.file_name(), Some("report.pdf"));
    let shown = format!("{file:?}");
    assert!(shown.contains("application/pdf") && shown.contains("report.pdf"));
    assert_eq!(file.bytes().await.unwrap(), "abcd");

    let unnamed = file_with(&HeaderMap::new(), Body::default(), 0);
    assert_eq!((unnamed.content_type(), unnamed.file_name()), (None, None));
}

#[tokio::test]
async fn a_file_is_written_whole_or_not_at_all() {
    let path = std::env::temp_dir().join(format!("upvest-file-test-{}", std::process::id()));
    let part = part_of(&path);
    std::fs::write(&part, "left behind, and longer than what follows").unwrap();
    let more = futures_util::stream::iter([Ok(Bytes::from_static(b"cd"))]);
    // It may be larger than what is read into memory.
    assert_eq!(file(body(more), 3).download_to(&path).await.unwrap(), 4);
    assert_eq!(std::fs::read(&path).unwrap(), b"abcd");
    assert!(!part.exists());

    let broken = futures_util::stream::iter([Err(std::io::ErrorKind::ConnectionReset.into())]);
    let error = file(body(broken), 3).download_to(&path).await.unwrap_err();
    assert!(error.is_transient() && !part.exists());
    assert_eq!(
        std::fs::read(&path).unwrap(),
        b"abcd",
        "what was there stays"
    );
    std::fs::remove_file(&path).unwrap();

    let more = futures_util::stream::iter([Ok(Bytes::from_static(b"cd"))]);
    let nowhere = path.join("nowhere");
    let error = file(body(more), 3).download_to(&nowhere).await.unwrap_err();
    assert!(error.to_string().contains("cannot be written"), "{error}");
}

#[tokio::test]
async fn progress_is_reported_after_each_part() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&told);
    let more = futures_util::stream::iter([Ok(Bytes::from_static(b"cde"))]);
    let headers = HeaderMap::from_iter([(CONTENT_LENGTH, http::HeaderValue::from_static("5"))]);
    let file = File::new(&headers, body(more), &limits(9));
    let file = file.on_progress(move |progress| seen.lock().unwrap().push(progress));
    assert_eq!(file.bytes().await.unwrap(), "abcde");
    let total = Some(5);
    let progress = [2, 5].map(|received| FileProgress { received, total });
    assert_eq!(*told.lock().unwrap(), progress);
}

/// Bytes that are not text, such as those of a file encrypted with PGP, are what they were.
#[tokio::test]
async fn bytes_are_handed_on_untouched() {
    let encrypted: Vec<u8> = (0..=255).collect();
    let file = file(Body::from(encrypted.clone()), 999);
    assert_eq!(file.bytes().await.unwrap(), encrypted);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_stalls_or_is_too_large_ends_with_an_error() {
    let stalled = file(body(futures_util::stream::pending()), 9);
    assert!(stalled.bytes().await.unwrap_err().is_timeout());
    let more = futures_util::stream::iter([Ok(Bytes::from_static(b"cd"))]);
    assert!(
        file(body(more), 3)
            .bytes()
            .await
            .unwrap_err()
            .is_too_large()
    );
}

#[test]
fn a_file_name_is_one_name_and_leads_nowhere() {
    for (disposition, expected) in [
        ("attachment; filename=report.pdf", Some("report.pdf")),
        (
            r#"attachment; filename="a; \"b\".pdf"; size=3"#,
            Some(r#"a; "b".pdf"#),
        ),
        (
            "attachment; filename=a.pdf; filename*=UTF-8''%C3%A4.pdf",
            Some("ä.pdf"),
        ),
        ("inline; FileName=a.csv", Some("a.csv")),
        ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
        (
            "attachment; filename*=UTF-8''..%2F..%5Ca.pdf",
            Some("a.pdf"),
        ),
        ("attachment; filename=\"..\"", None),
        ("attachment; filename*=UTF-8''a%00b", None),
        ("attachment", None),
        ("", None),
    ] {
        assert_eq!(file_name(disposition).as_deref(), expected, "{disposition}");
    }
}
