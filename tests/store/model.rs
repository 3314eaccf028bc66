//! Any list of submissions, reopenings and restarts against a plain map.

use crate::support::{TempPlace, open, open_again};
use ombud::domain::{ArticleId, AuthorId, CommentId, Outcome, SiteId};
use ombud::store::{EmbeddedStore, Error, ListBy, Store, conformance, verify};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
    Submit {
        id: u8,
        article: u8,
        author: Option<u8>,
        text: u8,
    },
    /// Several at once, so that they share a batch.
    SubmitTogether(Vec<(u8, u8)>),
    CloseAndOpen,
    /// Forgets the store without closing it.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..4_u8, 0..2_u8, proptest::option::of(0..2_u8), 0..3_u8)
            .prop_map(|(id, article, author, text)| Step::Submit { id, article, author, text }),
        2 => proptest::collection::vec((0..3_u8, 0..2_u8), 2..8).prop_map(Step::SubmitTogether),
        1 => Just(Step::CloseAndOpen),
        1 => Just(Step::Restart),
    ]
}

/// A comment as the map has it; comments are listed in the order of `first`.
#[derive(Debug)]
struct Known {
    first: usize,
    article: u8,
    author: Option<u8>,
    texts: Vec<u8>,
}

#[derive(Debug, Default)]
struct Model {
    comments: BTreeMap<u8, Known>,
    count: usize,
}

impl Model {
    /// Returns whether the text is a repetition, or that the comment hangs elsewhere.
    fn submit(&mut self, id: u8, article: u8, author: Option<u8>, text: u8) -> Result<bool, ()> {
        self.count += 1;
        let first = self.count;
        let known = self.comments.entry(id).or_insert(Known { first, article, author, texts: Vec::new() });
        if known.texts.last() == Some(&text) {
            return Ok(true);
        }
        if known.article != article {
            return Err(());
        }
        known.author = author;
        known.texts.push(text);
        Ok(false)
    }

    fn newest_first(&self, listed: impl Fn(&Known) -> bool) -> Vec<String> {
        let mut listed: Vec<_> = self.comments.iter().filter(|(_, known)| listed(known)).collect();
        listed.sort_by_key(|(_, known)| std::cmp::Reverse(known.first));
        listed.into_iter().map(|(id, _)| format!("c{id}")).collect()
    }
}

async fn submit(store: &EmbeddedStore, id: u8, article: u8, author: Option<u8>, text: u8) -> Result<bool, ()> {
    let author = author.map(|author| format!("u{author}"));
    let text = format!("text {text}");
    let comment = conformance::comment(&format!("c{id}"), &format!("a{article}"), author.as_deref(), &text);
    match store.record(conformance::record(comment, Outcome::Hold)).await {
        Ok(recorded) => {
            assert_eq!(recorded.revision.comment.text, text);
            Ok(recorded.repeated)
        }
        Err(Error::OtherArticle) => Err(()),
        Err(error) => panic!("{error}"),
    }
}

async fn check(store: &EmbeddedStore, model: &Model) {
    for (id, known) in &model.comments {
        let stored =
            store.comment(&SiteId::new("s"), &CommentId::new(format!("c{id}")), usize::MAX).await.unwrap().unwrap();
        let texts: Vec<_> = stored.revisions.iter().map(|revision| revision.comment.text.clone()).collect();
        assert_eq!(texts, known.texts.iter().map(|text| format!("text {text}")).collect::<Vec<_>>());
    }
    for list in 0..2_u8 {
        let by_article =
            (ListBy::Article(ArticleId::new(format!("a{list}"))), model.newest_first(|known| known.article == list));
        let by_author =
            (ListBy::Author(AuthorId::new(format!("u{list}"))), model.newest_first(|known| known.author == Some(list)));
        for (by, expected) in [by_article, by_author] {
            let mut found = Vec::new();
            let mut before = None;
            loop {
                let page = conformance::page(store, by.clone(), before, 2).await;
                found.extend(conformance::ids(&page).into_iter().map(str::to_owned));
                before = page.next_before_seq;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_what_a_map_would_be(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = TempPlace::new();
            let mut store = open(dir.path()).unwrap();
            let mut model = Model::default();
            for step in steps {
                match step {
                    Step::Submit { id, article, author, text } => {
                        let expected = model.submit(id, article, author, text);
                        assert_eq!(submit(&store, id, article, author, text).await, expected);
                    }
                    Step::SubmitTogether(all) => {
                        let answers = all.iter().map(|(id, text)| submit(&store, *id + 10, 0, Some(0), *text));
                        // Polled in order, so they queue in order.
                        let answers = join_in_order(answers).await;
                        let expected: Vec<_> = all.iter().map(|(id, text)| model.submit(*id + 10, 0, Some(0), *text)).collect();
                        assert_eq!(answers, expected);
                    }
                    Step::CloseAndOpen => {
                        store.close().await.unwrap();
                        store = open(dir.path()).unwrap();
                    }
                    Step::Restart => {
                        drop(store);
                        store = open_again(dir.path());
                    }
                }
                check(&store, &model).await;
            }
            store.close().await.unwrap();
            let report = verify(dir.path(), &|_| {}).unwrap();
            assert!(report.is_sound(), "{report:?}");
            assert_eq!(report.comments, model.comments.len() as u64);
        });
    }
}

/// Starts all futures in order before any is waited for, and returns their answers in that order.
async fn join_in_order<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut answers: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (future, answer) in futures.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        if answers.iter().all(Option::is_some) {
            std::task::Poll::Ready(answers.iter_mut().filter_map(Option::take).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}
