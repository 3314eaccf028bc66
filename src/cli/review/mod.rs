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
use crate::grpc::pb;
use args::ReviewArgs;
use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
};
use state::{Ask, Key, State};
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
use work::Work;

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
        let mut client = connect_to_review(&args.server).await?;
        // A server that refuses is told before the screen changes.
        let queues = pb::ListQueuesRequest { site_id: args.site.clone() };
        client.list_queues(queues).await.map_err(Refused)?;
        let (answers, told) = mpsc::unbounded_channel();
        let work = Work { client, site_id: args.site, moderator_id: args.moderator.moderator, answers };
        let terminal = ratatui::try_init()?;
        let reviewed = review(terminal, work, told, &args.queue).await;
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
) -> io::Result<()> {
    let mut keys = keys();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut holding = None;
    let (mut state, asks) = State::new(queue, now());
    carry_out(asks, &work, &mut holding);
    while !state.is_over() {
        terminal.draw(|frame| draw::draw(frame, &state, now()))?;
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

/// Has everything asked that is to be asked; another queue's stream takes the place of the one before.
fn carry_out(asks: Vec<Ask>, work: &Work, holding: &mut Option<JoinHandle<()>>) {
    for ask in asks {
        if let Ask::Hold { queue } = ask {
            if let Some(before) = holding.replace(work.clone().hold(queue)) {
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
        KeyCode::Down => Pressed::Key(Key::Next),
        KeyCode::Up => Pressed::Key(Key::Previous),
        _ => Pressed::Other,
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
