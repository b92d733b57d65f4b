//! The view of commands that run for a long time: what arrived, in a list whose entries can be searched and sent
//! again. It takes the whole terminal; without one, the same shows in lines.

mod draw;
mod entry;
mod log;
mod model;
mod screen;
#[cfg(all(test, unix))]
#[expect(dead_code, reason = "the tests of the program do more with it")]
#[path = "../tests/cli/tmux.rs"]
mod tmux;

use std::io::{self, IsTerminal as _};

use ratatui::crossterm::event::{self, Event, KeyEventKind};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub(crate) use entry::{Again, Entry, Tone};
pub(crate) use log::Log;

use crate::globals::Globals;
use crate::output::Style;
use crate::stop;
use log::Update;
use model::Model;
use screen::Screen;

/// The exit code of a program that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// A view that is not shown yet.
pub(crate) struct View {
    title: String,
    updates: UnboundedReceiver<Update>,
}

/// Where a command reports what happens, and the view if it reports there.
///
/// There is a view where keys can be typed and screens can be drawn, unless lines are wanted (`is_plain`), or
/// nothing, or everything: what `--verbose` prints would appear within the view.
pub(crate) fn open(globals: &Globals, is_plain: bool, title: &str) -> (Log, Option<View>) {
    let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb;
    if !is_terminal || is_plain || globals.quiet || globals.verbose {
        return (Log::lines(globals.quiet), None);
    }
    let (sender, updates) = unbounded_channel();
    let title = title.to_owned();
    (Log::view(sender), Some(View { title, updates }))
}

/// Shows the view, if there is one, until it is left or the process is asked to end. The terminal is then as
/// it was before. Work in progress is finished, unless the process is asked to end once more.
pub(crate) async fn until_stopped(view: Option<View>) {
    let shown = async {
        match view {
            Some(view) => view.show().await,
            None => std::future::pending().await,
        }
    };
    let shown = tokio::select! {
        shown = shown => shown,
        () = stop::requested() => Ok(()),
    };
    if let Err(error) = shown {
        crate::output::note(&format!("the terminal: {error}"));
    }
    tokio::spawn(async {
        stop::requested().await;
        std::process::exit(INTERRUPTED);
    });
}

impl View {
    async fn show(mut self) -> io::Result<()> {
        let mut screen = Screen::enter()?;
        let mut keys = keys();
        let mut model = Model::new(self.title);
        let is_coloured = Style::of_stdout().is_coloured();
        loop {
            screen.draw(|frame| draw::draw(frame, &model, is_coloured))?;
            tokio::select! {
                Some(update) = self.updates.recv() => {
                    model.update(update);
                    // Updates that arrived meanwhile are drawn together.
                    while let Ok(update) = self.updates.try_recv() {
                        model.update(update);
                    }
                }
                key = keys.recv() => match key {
                    Some(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                        if model.key(key).is_break() {
                            return Ok(());
                        }
                    }
                    // A new size: it is drawn again.
                    Some(_) => {}
                    None => return Ok(()),
                },
            }
        }
    }
}

/// What is typed. Reading it blocks, so that a thread does.
fn keys() -> UnboundedReceiver<Event> {
    let (sender, keys) = unbounded_channel();
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(event).is_err() {
                return;
            }
        }
    });
    keys
}
