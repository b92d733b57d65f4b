use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use super::*;
use crate::view::{Tone, draw};

fn entry(id: u64, what: &str) -> Entry {
    Entry {
        id,
        time: "12:00:00".to_owned(),
        status: "200".to_owned(),
        tone: Tone::Good,
        what: what.to_owned(),
        note: format!("note {id}"),
        details: (0..30)
            .map(|line| format!("{what}, line {line}\n"))
            .collect(),
        again: None,
    }
}

/// A model with three entries.
fn model() -> Model {
    let mut model = Model::new("upvest proxy  http://127.0.0.1:3000".to_owned());
    for (id, what) in [(1, "GET /users"), (2, "POST /orders"), (3, "GET /orders")] {
        model.update(Update::Entry(Box::new(entry(id, what))));
    }
    model
}

fn press(model: &mut Model, codes: &[KeyCode]) -> ControlFlow<()> {
    let mut keys = codes.iter().map(|code| KeyEvent::from(*code));
    keys.try_for_each(|key| model.key(key))
}

fn screen(model: &Model, is_coloured: bool) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(72, 8)).expect("a screen");
    terminal
        .draw(|frame| draw::draw(frame, model, is_coloured))
        .expect("it draws");
    terminal
}

#[test]
fn the_list_shows_the_latest_first() {
    insta::assert_snapshot!(screen(&model(), false).backend());
}

#[test]
fn what_changes_stays_where_it_is() {
    let mut model = model();
    let changed = entry(1, "GET /users again");
    model.update(Update::Entry(Box::new(changed)));
    let shown: Vec<&str> = model.visible().iter().map(|one| &*one.what).collect();
    assert_eq!(shown, ["GET /orders", "POST /orders", "GET /users again"]);
}

#[test]
fn a_selected_entry_stays_selected_while_others_come() {
    let mut model = model();
    let _ = press(&mut model, &[KeyCode::Down]);
    model.update(Update::Entry(Box::new(entry(4, "GET /fees"))));
    assert_eq!(model.current().map(|one| one.id), Some(2));
    let _ = press(&mut model, &[KeyCode::End]);
    assert_eq!(model.current().map(|one| one.id), Some(1));
    let _ = press(&mut model, &[KeyCode::Down, KeyCode::Home]);
    assert_eq!(model.current().map(|one| one.id), Some(4));
}

#[test]
fn details_show_and_scroll() {
    let mut model = model();
    let _ = press(&mut model, &[KeyCode::Enter, KeyCode::Down, KeyCode::Down]);
    model.update(Update::Entry(Box::new(entry(4, "GET /fees"))));
    insta::assert_snapshot!(screen(&model, false).backend());
    for _ in 0..9 {
        let _ = press(&mut model, &[KeyCode::PageDown]);
    }
    assert_eq!(model.scroll, 29);
    let _ = press(&mut model, &[KeyCode::Esc]);
    assert_eq!(model.mode, Mode::List);
}

#[test]
fn what_is_searched_for_is_all_that_shows() {
    let mut model = model();
    let _ = press(&mut model, &[KeyCode::Char('/')]);
    let _ = press(
        &mut model,
        &"ORDxq".chars().map(KeyCode::Char).collect::<Vec<_>>(),
    );
    assert!(model.visible().is_empty());
    let _ = press(&mut model, &[KeyCode::Backspace, KeyCode::Backspace]);
    insta::assert_snapshot!(screen(&model, false).backend());
    let _ = press(&mut model, &[KeyCode::Enter]);
    assert_eq!(model.visible().len(), 2);
    let _ = press(&mut model, &[KeyCode::Esc]);
    assert_eq!(model.visible().len(), 3);
}

#[test]
fn what_may_do_harm_is_asked_before_it_is_sent_again() {
    let sent = Arc::new(AtomicU32::new(0));
    let mut model = model();
    let with = |id, question| {
        let count = Arc::clone(&sent);
        let again = Again::new(question, move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let again = Some(again);
        Update::Entry(Box::new(Entry {
            again,
            ..entry(id, "POST /orders")
        }))
    };
    let expect = |model: &mut Model, keys: &[KeyCode], count| {
        let _ = press(model, keys);
        assert_eq!(sent.load(Ordering::SeqCst), count, "{keys:?}");
    };
    let (yes, replay) = (KeyCode::Char('y'), KeyCode::Char('r'));
    expect(&mut model, &[replay, yes], 0);
    assert_eq!(model.note, "it cannot be sent again");
    model.update(with(3, None));
    expect(&mut model, &[replay], 1);
    model.update(with(3, Some("Send it again?")));
    expect(&mut model, &[replay, KeyCode::Enter], 1);
    expect(&mut model, &[replay], 1);
    insta::assert_snapshot!(screen(&model, false).backend());
    // What comes meanwhile is not what was asked about.
    model.update(Update::Entry(Box::new(entry(4, "GET /fees"))));
    expect(&mut model, &[yes], 2);
}

#[test]
fn q_and_control_c_leave() {
    assert!(press(&mut model(), &[KeyCode::Char('q')]).is_break());
    assert!(press(&mut model(), &[KeyCode::Enter, KeyCode::Char('q')]).is_break());
    let mut searching = model();
    let typed = press(&mut searching, &[KeyCode::Char('/'), KeyCode::Char('q')]);
    assert!(typed.is_continue());
    let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert!(searching.key(control_c).is_break());
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    let colours = |is_coloured| {
        let terminal = screen(&model(), is_coloured);
        let cells = terminal.backend().buffer().content().iter();
        cells.filter(|cell| cell.fg != Color::Reset).count()
    };
    assert!(colours(true) > 0);
    assert_eq!(colours(false), 0);
}

#[test]
fn only_so_many_entries_are_kept() {
    let mut model = model();
    for id in 4..=KEPT as u64 + 3 {
        model.update(Update::Entry(Box::new(entry(id, "GET /fees"))));
    }
    assert_eq!(model.visible().len(), KEPT);
    assert_eq!(model.visible().last().map(|one| one.id), Some(4));
}
