//! What a token costs that is in the cache, on one thread and on two at once.
//!
//! `cargo bench -p upvest-auth-signing --bench tokens`

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use divan::{Bencher, black_box};
use http::{Request, Response, Uri};
use http_body_util::Full;
use tower::util::BoxCloneSyncService;
use tower::{Layer, service_fn};
use upvest_auth_signing::{ClientCredentials, Scopes, TokenLayer, TokenService};

type Transport = BoxCloneSyncService<Request<Bytes>, Response<Full<Bytes>>, Infallible>;

/// A service that has a token for each of twenty sets of scopes.
static SERVICE: LazyLock<TokenService<Transport>> = LazyLock::new(|| {
    let body = format!(
        r#"{{"access_token":"ory_at_{}","expires_in":3600}}"#,
        "x".repeat(87)
    );
    let body = Bytes::from(body);
    let transport = service_fn(move |_: Request<Bytes>| {
        let response = Response::new(Full::new(body.clone()));
        async move { Ok(response) }
    });
    let credentials = ClientCredentials::new("5ec16164-6173-461d-b90d-116d68f55b40", "secret");
    let service = TokenLayer::new(credentials, Uri::from_static("https://host/auth/token"))
        .timer(|_| std::future::pending())
        .layer(BoxCloneSyncService::new(transport));
    for number in 0..20 {
        let scopes = Scopes::from(format!("accounts_{number}:read").as_str());
        now(service.authorization(&scopes)).expect("a token");
    }
    service
});

/// The result of a future that does not have to wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the token is not in the cache"),
    }
}

#[divan::bench(threads = [1, 2], sample_count = 1000, sample_size = 10_000)]
fn cached_token(bencher: Bencher<'_, '_>) {
    let service = LazyLock::force(&SERVICE);
    let scopes = Scopes::from("accounts_7:read");
    bencher.bench(|| {
        let authorization = now(service.authorization(black_box(&scopes)));
        // Taken and dropped, as a call does.
        drop(black_box(authorization));
    });
}

fn main() {
    divan::main();
}
