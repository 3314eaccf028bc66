//! x
use crate::domain::{Attribute, Scores, Span};
/// x
pub trait Scorer: Send + Sync + 'static {
    /// x
    fn version(&self) -> &str;
    /// x
    fn score(&self, text: &str) -> Option<Scores>;
    /// x
    fn top_spans(&self, text: &str, attribute: Attribute, max: usize) -> Vec<Span>;
}
/// x
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
