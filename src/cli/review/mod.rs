//! `ombud review`: a moderator works off a queue at a terminal, with a key for each thing to do.
//!
//! In come keys, answers and time; out go requests and what is drawn. Start reading at [`state::State`], which decides all of
//! it without a terminal.

pub(crate) mod args;
mod draw;
mod state;
#[cfg(test)]
mod tests;
mod work;

use super::Ended;
use super::client::{Refused, block_on, connect_to_review};
use args::ReviewArgs;
use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
};
use state::{Ask, Key, State, View};
use std::{
    io::{self, IsTerminal as _},
    thread,
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use work::{Steps, Work};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(500);

/// What comes from the terminal.
enum Pressed {
    Key(Key),
    /// Something else, after which the screen may look different.
    Other,
}

pub(crate) fn run(args: ReviewArgs) -> anyhow::Result<Ended> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        anyhow::bail!("this command needs a terminal; `ombud queue` works without one");
    }
    if args.moderator.moderator.is_empty() && args.server.token.is_none() {
        anyhow::bail!("say who reviews, with --as MODERATOR or with a token");
    }
    block_on(async move {
        let client = connect_to_review(&args.server).await?;
        let (answers, told) = mpsc::unbounded_channel();
        let work = Work { client, site_id: args.site, moderator_id: args.moderator.moderator, answers };
        // A queue that isn't there, a moderator who isn't let in, a server that is silent: told before the screen changes.
        let steps = work.watch(&args.queue).await.map_err(Refused)?;
        let terminal = ratatui::try_init()?;
        let reviewed = review(terminal, work, told, &args.queue, steps).await;
        ratatui::restore();
        reviewed?;
        Ok(Ended::Done)
    })
}

async fn review(
    mut terminal: DefaultTerminal,
    work: Work,
    mut told: mpsc::UnboundedReceiver<state::Told>,
    queue: &str,
    steps: Steps,
) -> io::Result<()> {
    let mut keys = keys();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut holding = Holding { begun: Some(steps), task: None };
    let (mut state, asks) = State::new(queue, now());
    carry_out(asks, &work, &mut holding);
    while !state.is_over() {
        let mut view = View::default();
        terminal.draw(|frame| view = draw::draw(frame, &state, now()))?;
        state.drawn(view);
        let asks = tokio::select! {
            pressed = keys.recv() => match pressed {
                Some(Pressed::Key(key)) => state.key(key, now()),
                Some(Pressed::Other) => Vec::new(),
                // The terminal has gone.
                None => state.key(Key::Quit, now()),
            },
            Some(told) = told.recv() => state.told(told, now()),
            _ = ticks.tick() => state.tick(now()),
        };
        carry_out(asks, &work, &mut holding);
    }
    Ok(())
}

/// The stream that holds what is claimed.
struct Holding {
    /// One that was begun and isn't followed yet.
    begun: Option<Steps>,
    task: Option<JoinHandle<()>>,
}

/// Has everything asked that is to be asked; another queue's stream takes the place of the one before.
fn carry_out(asks: Vec<Ask>, work: &Work, holding: &mut Holding) {
    for ask in asks {
        if let Ask::Hold { queue } = ask {
            if let Some(before) = holding.task.replace(work.clone().hold(queue, holding.begun.take())) {
                before.abort();
            }
        } else {
            tokio::spawn(work.clone().ask(ask, now()));
        }
    }
}

/// Reads keys on a thread of their own, which ends with the process.
fn keys() -> mpsc::UnboundedReceiver<Pressed> {
    let (pressed, keys) = mpsc::unbounded_channel();
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            let told = match event {
                Event::Key(key) if key.kind == KeyEventKind::Press => meant_by(key),
                _ => Pressed::Other,
            };
            if pressed.send(told).is_err() {
                break;
            }
        }
    });
    keys
}

/// Says what a key asks for. Beside Ctrl or Alt a letter asks for nothing but, with c, to quit: pagers turn pages with some
/// of these, and no verdict must come of that.
fn meant_by(key: KeyEvent) -> Pressed {
    let others =
        KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Pressed::Key(Key::Quit),
        KeyCode::Char(letter) if !key.modifiers.intersects(others) => {
            Key::of(letter).map_or(Pressed::Other, Pressed::Key)
        }
        KeyCode::Down => Pressed::Key(Key::LineDown),
        KeyCode::Up => Pressed::Key(Key::LineUp),
        KeyCode::PageDown => Pressed::Key(Key::PageDown),
        KeyCode::PageUp => Pressed::Key(Key::PageUp),
        KeyCode::Home => Pressed::Key(Key::Top),
        KeyCode::End => Pressed::Key(Key::Bottom),
        KeyCode::Esc => Pressed::Key(Key::Leave),
        _ => Pressed::Other,
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
