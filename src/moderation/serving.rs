//! The models at work: exchanged as a whole, so that each request has one of them from its first step to its answer.

use super::shadow::{Asked, Comparison, Shadow, ToLookAt};
use crate::classify::Scorer;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::mpsc::{Receiver, channel};

/// Comments on which the two models differ and that aren't written down yet, at most; others are only counted.
const TO_LOOK_AT_MAX: usize = 64;

/// The models that requests are answered with.
#[derive(Clone)]
pub(super) struct AtWork {
    /// The model that decides.
    pub(super) champion: Arc<dyn Scorer>,
    /// The challenger that is scored without deciding, if one is.
    pub(super) shadow: Option<Arc<dyn Scorer>>,
}

/// Where requests find the models at work.
pub struct Serving {
    base: Arc<dyn Scorer>,
    at_work: RwLock<AtWork>,
    shadow: Shadow,
    to_look_at: Mutex<Option<Receiver<ToLookAt>>>,
}

impl Serving {
    /// Begins with the base model alone.
    pub fn new(base: Arc<dyn Scorer>) -> Self {
        let at_work = RwLock::new(AtWork { champion: Arc::clone(&base), shadow: None });
        let (to, to_look_at) = channel(TO_LOOK_AT_MAX);
        Self { base, at_work, shadow: Shadow::new(to), to_look_at: Mutex::new(Some(to_look_at)) }
    }

    /// Returns the base model.
    pub(super) fn base(&self) -> &Arc<dyn Scorer> {
        &self.base
    }

    /// Returns the models at work now.
    pub(super) fn at_work(&self) -> AtWork {
        self.at_work.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other models to work. Requests that have begun go on with the ones that they have.
    pub(super) fn exchange(&self, at_work: AtWork) {
        self.shadow.begin(at_work.champion.version(), at_work.shadow.as_ref().map(|shadow| shadow.version()));
        *self.at_work.write().unwrap_or_else(PoisonError::into_inner) = at_work;
    }

    /// Has the challenger asked about a comment, behind the answer.
    pub(super) fn ask_shadow(&self, asked: Asked) {
        self.shadow.ask(asked);
    }

    /// Takes the comments on which the two differ; the first caller has them.
    pub(super) fn take_to_look_at(&self) -> Option<Receiver<ToLookAt>> {
        self.to_look_at.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Returns how the challenger compares with the champion so far.
    pub(super) fn comparison(&self) -> Comparison {
        self.shadow.found()
    }
}
