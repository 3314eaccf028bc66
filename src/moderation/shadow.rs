//! Asks the challenger in the shadow about comments that the champion has decided on, and counts where the two differ.
//!
//! It happens on a thread of its own, behind the answers. Where that can't keep up, comments are left out and counted: what
//! waits is bounded, and no answer waits for it. What was found is kept in memory, from when the challenger was put in the
//! shadow or the server started; what came out differently is also handed on, so that the comment can wait for a person.

use super::ruling::{Known, rule};
use super::scoring::guarded;
use crate::classify::Scorer;
use crate::domain::{Circumstances, Comment, CommentId, Outcome, Score, SiteId, Timestamp, disagreement::Challenged};
use crate::policy::Policy;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, TrySendError},
    },
    thread,
};
use tokio::sync::mpsc::Sender;

/// Comments that wait for the challenger, at most; each is as large as its text.
const WAITING_MAX: usize = 256;
/// The newest comments on which the two differ, as many as are kept.
const DISAGREEMENTS_MAX: usize = 100;

/// A comment that the champion has decided on.
pub(super) struct Asked {
    /// The champion, which has decided.
    pub(super) champion: Arc<dyn Scorer>,
    /// The challenger.
    pub(super) challenger: Arc<dyn Scorer>,
    /// The policy that decided.
    pub(super) policy: Arc<Policy>,
    /// The comment.
    pub(super) comment: Comment,
    /// What was known of it, with the champion's scores.
    pub(super) known: Known,
    /// What a house model looks at besides the text.
    pub(super) circumstances: Circumstances,
    /// What the policy made of the champion's scores.
    pub(super) outcome: Outcome,
    /// The number of the text's revision.
    pub(super) revision: u32,
    /// When.
    pub(super) at: Timestamp,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("comment", &self.comment).field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

/// A comment that is to wait for a person.
#[derive(Debug)]
pub(super) struct ToLookAt {
    pub(super) site_id: SiteId,
    pub(super) comment_id: CommentId,
    pub(super) revision: u32,
    pub(super) challenged: Challenged,
}

/// A comment on which the two differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreement {
    /// The comment's site.
    pub site_id: SiteId,
    /// The comment.
    pub comment_id: CommentId,
    /// What the policy makes of the champion's scores.
    pub champion: Outcome,
    /// What it would make of the challenger's.
    pub challenger: Outcome,
    /// How likely the comment is to be rejected, as the champion says.
    pub champion_says: Score,
    /// The same, as the challenger says.
    pub challenger_says: Score,
    /// When the champion decided.
    pub at: Timestamp,
}

/// What was found so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The champion's version.
    pub champion: String,
    /// The challenger's version; empty where there is none.
    pub challenger: String,
    /// On how many comments both were asked.
    pub comments: u64,
    /// On how many only the champion was, since the challenger had too much to do or failed.
    pub left_out: u64,
    /// How many comments came to each pair of outcomes, the champion's first.
    pub outcomes: BTreeMap<(Outcome, Outcome), u64>,
    /// The newest comments on which the two differ, the newest first.
    pub disagreements: VecDeque<Disagreement>,
}

impl Comparison {
    /// Returns whether a comment was decided on by this champion and is for this challenger.
    fn is_of(&self, asked: &Asked) -> bool {
        self.champion == asked.champion.version() && self.challenger == asked.challenger.version()
    }

    fn add(&mut self, asked: &Asked, judged: Option<(Outcome, Score)>) {
        let Ok(Ok(champion)) = &asked.known.scores else { return };
        let Some((outcome, says)) = judged else {
            self.left_out += 1;
            return;
        };
        self.comments += 1;
        *self.outcomes.entry((asked.outcome, outcome)).or_default() += 1;
        if outcome == asked.outcome {
            return;
        }
        self.disagreements.truncate(DISAGREEMENTS_MAX - 1);
        self.disagreements.push_front(Disagreement {
            site_id: asked.comment.site_id.clone(),
            comment_id: asked.comment.comment_id.clone(),
            champion: asked.outcome,
            challenger: outcome,
            champion_says: champion.likely_to_reject,
            challenger_says: says,
            at: asked.at,
        });
    }
}

/// Where comments are handed over to the challenger.
pub(super) struct Shadow {
    waiting: mpsc::SyncSender<Asked>,
    found: Arc<Mutex<Comparison>>,
}

impl Shadow {
    /// Starts the thread, which ends with this; comments to look at go to `to_look_at`, or nowhere where that is full.
    pub(super) fn new(to_look_at: Sender<ToLookAt>) -> Self {
        let (waiting, asked) = mpsc::sync_channel::<Asked>(WAITING_MAX);
        let found = Arc::<Mutex<Comparison>>::default();
        let told = Arc::clone(&found);
        let work = move || {
            for asked in asked {
                let judged = guarded(|| judge(&asked)).flatten();
                let mut found = told.lock().unwrap_or_else(PoisonError::into_inner);
                // Where one of the two was exchanged meanwhile, it counts for nothing.
                if found.is_of(&asked) {
                    found.add(&asked, judged);
                    drop(found);
                    hand_on(&to_look_at, asked, judged);
                }
            }
        };
        // Without the thread, every comment is left out, and says so.
        drop(thread::Builder::new().name("ombud-shadow".into()).spawn(work));
        Self { waiting, found }
    }

    /// Begins anew where the champion or the challenger is another one, or there is none.
    pub(super) fn begin(&self, champion: &str, challenger: Option<&str>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let challenger = challenger.unwrap_or_default();
        if (found.champion.as_str(), found.challenger.as_str()) != (champion, challenger) {
            let (champion, challenger) = (champion.to_owned(), challenger.to_owned());
            *found = Comparison { champion, challenger, ..Comparison::default() };
        }
    }

    /// Hands a comment over; where too many wait, it is left out.
    pub(super) fn ask(&self, asked: Asked) {
        let Err(TrySendError::Full(asked) | TrySendError::Disconnected(asked)) = self.waiting.try_send(asked) else {
            return;
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.left_out += u64::from(found.is_of(&asked));
    }

    /// Returns what was found so far.
    pub(super) fn found(&self) -> Comparison {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Has a comment looked at where the two differ.
fn hand_on(to_look_at: &Sender<ToLookAt>, asked: Asked, judged: Option<(Outcome, Score)>) {
    let Some((outcome, likely_to_reject)) = judged.filter(|(outcome, _)| *outcome != asked.outcome) else { return };
    let model_version = asked.challenger.version().to_owned();
    let Comment { site_id, comment_id, .. } = asked.comment;
    let challenged = Challenged { model_version, outcome, likely_to_reject };
    // It is counted all the same.
    drop(to_look_at.try_send(ToLookAt { site_id, comment_id, revision: asked.revision, challenged }));
}

/// Returns what the policy would make of the challenger's scores, and how likely it says that the comment is rejected.
fn judge(asked: &Asked) -> Option<(Outcome, Score)> {
    let judgement = asked.challenger.judge(&asked.comment.text, &asked.circumstances)?;
    let known = Known { scores: Ok(Ok(judgement)), ..asked.known.clone() };
    let (ruling, _) = rule(&asked.policy, &asked.comment, &known);
    Some((ruling.outcome, judgement.likely_to_reject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Explanation;
    use crate::domain::{ArticleId, Attribute, Author, Judgement, Scores};
    use crate::policy::Rules;

    /// Says the same of every text; the challenger says that it was asked, and waits until it may answer.
    struct Fixed {
        version: &'static str,
        waits: Option<(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>)>,
    }

    impl Scorer for Fixed {
        fn version(&self) -> &str {
            self.version
        }
        fn score(&self, _: &str) -> Option<Scores> {
            if let Some((begun, go_on)) = &self.waits {
                begun.send(()).unwrap();
                // Once nobody says so any more, it goes on.
                let _ = go_on.lock().unwrap().recv();
            }
            Scores::new([0.1; Attribute::COUNT])
        }
        fn explain(&self, _: &str) -> Option<Explanation> {
            None
        }
    }

    #[test]
    fn what_the_challenger_cannot_keep_up_with_is_left_out_and_counted() {
        let (begun, has_begun) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let champion = Arc::new(Fixed { version: "champion", waits: None });
        let challenger = Arc::new(Fixed { version: "challenger", waits: Some((begun, Mutex::new(may_go_on))) });
        let (to_look_at, _looked_at) = tokio::sync::mpsc::channel(1);
        let shadow = Shadow::new(to_look_at);
        shadow.begin("champion", Some("challenger"));
        let policy = Arc::new(Policy::compile(&Rules::default(), "test", str::to_lowercase).unwrap());
        let judgement = Judgement::following(Scores::new([0.1; Attribute::COUNT]).unwrap());
        let at = Timestamp::from_micros(1);
        let ask = |number: usize| {
            shadow.ask(Asked {
                champion: champion.clone(),
                challenger: challenger.clone(),
                policy: Arc::clone(&policy),
                comment: Comment {
                    site_id: SiteId::new("s"),
                    article_id: ArticleId::new("a"),
                    comment_id: CommentId::new(format!("c{number}")),
                    parent_id: None,
                    author: Author { author_id: None, name: String::new() },
                    text: "The tulips are out.".to_owned(),
                    submitted_at: at,
                },
                known: Known { scores: Ok(Ok(judgement)), language: None, author: None },
                circumstances: Circumstances::default(),
                outcome: Outcome::Publish,
                revision: 1,
                at,
            });
        };
        // It is busy with the first; as many wait as may, and nobody waits for room.
        ask(0);
        has_begun.recv().unwrap();
        (1..=WAITING_MAX).for_each(ask);
        assert_eq!(shadow.found().left_out, 0, "there was room");
        (0..7).for_each(ask);
        assert_eq!((shadow.found().comments, shadow.found().left_out), (0, 7));
        drop(go_on);
        while shadow.found().comments <= WAITING_MAX as u64 {
            thread::yield_now();
        }
        let found = shadow.found();
        assert_eq!((found.comments, found.left_out), (WAITING_MAX as u64 + 1, 7));
        assert_eq!(found.outcomes, BTreeMap::from([((Outcome::Publish, Outcome::Publish), WAITING_MAX as u64 + 1)]));
    }
}
