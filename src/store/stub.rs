//! stub
use super::*;
/// x
#[derive(Default)]
pub struct Options {
    /// x
    pub queue_max: usize,
    /// x
    pub batch_max: usize,
    /// x
    pub cache_bytes: u64,
    /// x
    pub y: u8,
}
/// x
pub struct Progress {
    /// x
    pub work: &'static str,
    /// x
    pub total: u64,
    /// x
    pub done: u64,
}
/// x
pub struct EmbeddedStore;
impl EmbeddedStore {
    /// x
    pub fn open(_: &std::path::Path, _: Options, _: &dyn Fn(Progress)) -> Result<Self, Error> {
        Err(Error::Closed)
    }
}
#[async_trait]
impl Store for EmbeddedStore {
    async fn record(&self, _: Record) -> Result<Recorded, Error> {
        Err(Error::Closed)
    }
    async fn comment(&self, _: &SiteId, _: &CommentId) -> Result<Option<StoredComment>, Error> {
        Err(Error::Closed)
    }
    async fn list(&self, _: ListQuery) -> Result<Page, Error> {
        Err(Error::Closed)
    }
    async fn close(&self) -> Result<(), Error> {
        Err(Error::Closed)
    }
}
/// x
pub struct VerifyReport {
    /// x
    pub findings: Vec<String>,
}
/// x
pub fn verify(_: &std::path::Path, _: &dyn Fn(Progress)) -> Result<VerifyReport, Error> {
    Err(Error::Closed)
}
