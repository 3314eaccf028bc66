//! Identifiers: opaque texts that the site chose, or that Ombud made.

use std::fmt;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Wraps an identifier; whoever reads outside input checks its length and characters first.
            pub fn new(id: impl Into<Box<str>>) -> Self {
                Self(id.into())
            }

            /// Returns the identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )*};
}

identifiers! {
    /// A news site, the unit that has a policy of its own.
    SiteId;
    /// The page that comments hang on, unique within its site.
    ArticleId;
    /// A comment, unique within its site.
    CommentId;
    /// A reader with an account, unique within its site.
    AuthorId;
    /// A person who reviews.
    ModeratorId;
    /// A reader who reports comments, unique within the site.
    ReporterId;
    /// A request, named by whoever sent it so that it may be sent again.
    RequestId;
    /// A token, not the token itself.
    TokenId;
    /// A queue that an editor defined, unique within its site.
    QueueName;
}
