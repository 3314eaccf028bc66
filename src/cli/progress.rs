//! Progress bars on a terminal; nothing where standard error is a file.

use indicatif::{ProgressBar, ProgressStyle};

/// How far long work has come.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// Makes a bar for work whose end is not known; `unit` is what is counted.
    pub(crate) fn counter(unit: &str) -> Self {
        Self::styled(ProgressBar::new_spinner(), &format!("{{spinner}} {{human_pos}} {unit}, {{per_sec}}"))
    }

    /// Makes a bar for work of a known size, with rate and time left; [`Bar::start`] names the work.
    pub(crate) fn measured() -> Self {
        Self::styled(ProgressBar::new(0), "{msg:<24} {bar:30} {human_pos}/{human_len} {per_sec}, {eta} left")
    }

    fn styled(bar: ProgressBar, template: &str) -> Self {
        Self(bar.with_style(ProgressStyle::with_template(template).expect("a template of our own")))
    }

    /// Begins a part of the work, from zero.
    pub(crate) fn start(&self, work: &str, size: u64) {
        if self.0.message() != work {
            self.0.reset();
            self.0.set_message(work.to_owned());
        }
        self.0.set_length(size);
    }

    /// Says how much is done.
    pub(crate) fn set(&self, done: u64) {
        self.0.set_position(done);
    }

    /// Adds to what is done.
    pub(crate) fn advance(&self, more: u64) {
        self.0.inc(more);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
