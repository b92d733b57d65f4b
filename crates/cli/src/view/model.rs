//! What the view shows, and what keys do to it.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::log::Update;
use super::{Again, Entry};

/// How many entries are kept. The oldest go first.
const KEPT: usize = 500;

/// How many lines a page has, for the keys that turn one.
const PAGE: usize = 10;

/// The state of the view.
pub(super) struct Model {
    pub(super) title: String,
    /// The latest first.
    entries: VecDeque<Entry>,
    /// The entry that is selected; nothing for the latest, whichever that is.
    selected: Option<u64>,
    pub(super) search: String,
    pub(super) mode: Mode,
    /// The latest report that does not belong to an entry.
    pub(super) note: String,
    /// The first line of the details that shows.
    pub(super) scroll: usize,
}

/// What keys are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    List,
    /// A text that is searched for is typed.
    Search,
    Detail,
    /// It is asked whether the selected entry is to be sent again.
    Consent(&'static str),
}

impl Model {
    pub(super) fn new(title: String) -> Self {
        Self {
            title,
            entries: VecDeque::new(),
            selected: None,
            search: String::new(),
            mode: Mode::List,
            note: String::new(),
            scroll: 0,
        }
    }

    /// Takes something new in.
    pub(super) fn update(&mut self, update: Update) {
        match update {
            Update::Note(note) => self.note = note,
            Update::Entry(entry) => match self.entries.iter_mut().find(|one| one.id == entry.id) {
                Some(there) => *there = *entry,
                None => {
                    self.entries.push_front(*entry);
                    self.entries.truncate(KEPT);
                }
            },
        }
    }

    /// The entries that are searched for, the latest first.
    pub(super) fn visible(&self) -> Vec<&Entry> {
        let wanted = self.search.to_lowercase();
        let entries = self.entries.iter();
        entries.filter(|entry| is_found(entry, &wanted)).collect()
    }

    /// The place of the selected entry among the visible ones.
    pub(super) fn place(&self) -> usize {
        let visible = self.visible();
        let is_selected = |entry: &&Entry| Some(entry.id) == self.selected;
        visible.iter().position(is_selected).unwrap_or(0)
    }

    /// The selected entry, if any is visible.
    pub(super) fn current(&self) -> Option<&Entry> {
        self.visible().get(self.place()).copied()
    }

    /// Does what a key is for. Breaks if that is to leave the view.
    pub(super) fn key(&mut self, key: KeyEvent) -> ControlFlow<()> {
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match (self.mode, key.code) {
            (_, KeyCode::Char('c')) if is_control => return ControlFlow::Break(()),
            (Mode::Search, code) => self.search_key(code),
            (Mode::Consent(_), code) => self.consent_key(code),
            (_, KeyCode::Char('q')) => return ControlFlow::Break(()),
            (_, KeyCode::Char('r')) => self.ask_or_send(),
            (Mode::Detail, code) => self.detail_key(code),
            (Mode::List, code) => self.list_key(code),
        }
        ControlFlow::Continue(())
    }

    fn list_key(&mut self, code: KeyCode) {
        let place = self.place();
        match code {
            KeyCode::Up | KeyCode::Char('k') => self.select(place.saturating_sub(1)),
            KeyCode::Down | KeyCode::Char('j') => self.select(place + 1),
            KeyCode::PageUp => self.select(place.saturating_sub(PAGE)),
            KeyCode::PageDown => self.select(place + PAGE),
            KeyCode::Home | KeyCode::Char('g') => self.selected = None,
            KeyCode::End | KeyCode::Char('G') => self.select(usize::MAX),
            KeyCode::Char('/') => self.mode = Mode::Search,
            KeyCode::Esc => self.search.clear(),
            KeyCode::Enter if self.current().is_some() => {
                // Later entries must not move another one into its place.
                self.select(place);
                (self.mode, self.scroll) = (Mode::Detail, 0);
            }
            _ => {}
        }
    }

    fn detail_key(&mut self, code: KeyCode) {
        let lines = self
            .current()
            .map_or(0, |entry| entry.details.lines().count());
        let last = lines.saturating_sub(1);
        match code {
            KeyCode::Up | KeyCode::Char('k') => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => self.scroll = (self.scroll + 1).min(last),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(PAGE),
            KeyCode::PageDown => self.scroll = (self.scroll + PAGE).min(last),
            KeyCode::Esc | KeyCode::Enter => self.mode = Mode::List,
            _ => {}
        }
    }

    fn search_key(&mut self, code: KeyCode) {
        match code {
            KeyCode::Char(char) => self.search.push(char),
            KeyCode::Backspace => drop(self.search.pop()),
            KeyCode::Enter => self.mode = Mode::List,
            KeyCode::Esc => {
                self.search.clear();
                self.mode = Mode::List;
            }
            _ => {}
        }
    }

    fn consent_key(&mut self, code: KeyCode) {
        self.mode = Mode::List;
        if code == KeyCode::Char('y')
            && let Some(again) = self.again()
        {
            again.run();
        }
    }

    fn ask_or_send(&mut self) {
        match self.again() {
            None => self.note = "it cannot be sent again".to_owned(),
            Some(Again {
                question: Some(question),
                ..
            }) => {
                self.note.clear();
                self.select(self.place());
                self.mode = Mode::Consent(question);
            }
            Some(again) => {
                self.note.clear();
                again.run();
            }
        }
    }

    fn again(&self) -> Option<Again> {
        self.current().and_then(|entry| entry.again.clone())
    }

    /// Selects the visible entry at a place, or the last one if there are fewer.
    fn select(&mut self, place: usize) {
        let visible = self.visible();
        let place = place.min(visible.len().saturating_sub(1));
        self.selected = visible.get(place).map(|entry| entry.id);
    }
}

/// Whether an entry has a text in its line, in upper or lower case.
fn is_found(entry: &Entry, wanted: &str) -> bool {
    let texts = [&entry.status, &entry.what, &entry.note];
    texts
        .iter()
        .any(|text| text.to_lowercase().contains(wanted))
}

#[cfg(test)]
mod tests;
