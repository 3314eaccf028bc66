//! What a part of a rule can be.

use super::schema::Scalar;
use std::fmt;

/// The type of a part of a rule, and how many elements it has at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    One(Scalar),
    List { of: Scalar, most: u64 },
    Map { keys: Scalar, values: Scalar, most: u64 },
}

impl Type {
    /// Returns whether two values of these types can be compared.
    pub(super) fn compares_with(self, other: Self) -> bool {
        match (self, other) {
            (Self::One(one), Self::One(other)) => one == other || one.is_number() && other.is_number(),
            _ => false,
        }
    }

    /// Returns the type of a value that is one of these two, where there is one.
    pub(super) fn either(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::One(one), Self::One(other)) => (one == other).then_some(self),
            (Self::List { of, most }, Self::List { of: other, most: others }) => {
                (of == other).then_some(Self::List { of, most: most.max(others) })
            }
            (Self::Map { keys, values, most }, Self::Map { keys: other, values: other_values, most: others }) => {
                (keys == other && values == other_values).then_some(Self::Map { keys, values, most: most.max(others) })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(scalar) => write!(f, "{scalar}"),
            Self::List { of, .. } => write!(f, "a list of {}", of.name()),
            Self::Map { keys, values, .. } => write!(f, "a map of {} to {}", keys.name(), values.name()),
        }
    }
}
