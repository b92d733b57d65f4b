//! The view on a screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Row, Table, TableState};

use super::model::{Mode, Model};
use super::{Entry, Tone};

/// Draws all of it.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, is_coloured: bool) {
    let [head, body, note, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(title(model), head);
    match (model.mode, model.current()) {
        (Mode::Detail, Some(entry)) => detail(frame, body, model, entry),
        _ => list(frame, body, model, is_coloured),
    }
    frame.render_widget(Paragraph::new(model.note.as_str()), note);
    frame.render_widget(Paragraph::new(keys(model)), foot);
}

fn title(model: &Model) -> Line<'_> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let mut parts = vec![Span::styled(model.title.as_str(), bold)];
    if !model.search.is_empty() && model.mode != Mode::Search {
        parts.push(Span::raw(format!("  with \"{}\"", model.search)));
    }
    parts.into()
}

fn list(frame: &mut Frame<'_>, area: Rect, model: &Model, is_coloured: bool) {
    let visible = model.visible();
    if visible.is_empty() {
        let text = match model.search.is_empty() {
            true => "Nothing has arrived yet.",
            false => "Nothing that arrived contains this.",
        };
        return frame.render_widget(Paragraph::new(text), area);
    }
    let rows = visible.iter().map(|entry| row(entry, is_coloured));
    let widths = [
        Constraint::Length(8),
        Constraint::Length(8),
        Constraint::Fill(2),
        Constraint::Fill(3),
    ];
    let reversed = Style::new().add_modifier(Modifier::REVERSED);
    let table = Table::new(rows, widths)
        .column_spacing(2)
        .row_highlight_style(reversed);
    let mut state = TableState::new().with_selected(model.place());
    frame.render_stateful_widget(table, area, &mut state);
}

fn row(entry: &Entry, is_coloured: bool) -> Row<'_> {
    let colour = match entry.tone {
        Tone::Waiting => Color::Yellow,
        Tone::Good => Color::Green,
        Tone::Bad => Color::Red,
    };
    let style = match is_coloured {
        true => Style::new().fg(colour),
        false => Style::new(),
    };
    Row::new([
        Span::raw(entry.time.as_str()),
        Span::styled(entry.status.as_str(), style),
        Span::raw(entry.what.as_str()),
        Span::raw(entry.note.as_str()),
    ])
}

fn detail(frame: &mut Frame<'_>, area: Rect, model: &Model, entry: &Entry) {
    let lines = entry.details.lines().skip(model.scroll).map(Line::raw);
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
}

fn keys(model: &Model) -> String {
    match model.mode {
        Mode::List => {
            "up, down: select  enter: details  /: search  r: send again  q: quit".to_owned()
        }
        Mode::Detail => {
            "up, down: scroll  esc: back to the list  r: send again  q: quit".to_owned()
        }
        Mode::Search => format!("/{}_  enter: keep  esc: leave", model.search),
        Mode::Consent(question) => format!("{question} y: yes  any other key: no"),
    }
}
