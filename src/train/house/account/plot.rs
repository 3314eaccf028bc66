//! Plots of shares over shares, as SVG that a page styles: colours come from its style sheet, so that dark and print have their
//! own.
//!
//! Every axis goes from 0 to 1, so that there is nothing to scale but a square.

use maud::{Markup, PreEscaped, html};

/// The side of the square, and what lies around it, in user units.
const SIDE: f64 = 256.0;
const LEFT: f64 = 46.0;
const TOP: f64 = 10.0;
const BELOW: f64 = 44.0;
const RIGHT: f64 = 12.0;
/// Where lines of the grid and numbers stand.
const TICKS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// Points that are marked too, besides the line through all.
const MARKS: usize = 5;

/// A curve of one model.
pub(super) struct Curve {
    /// How it is styled: `champion` or `challenger`.
    pub(super) class: &'static str,
    /// Its points, each from 0 to 1 to the right and upwards.
    pub(super) points: Vec<(f64, f64)>,
    /// How large each point is drawn, from 0 to 1; empty where only some are marked.
    pub(super) sizes: Vec<f64>,
}

/// What is compared with.
pub(super) struct Reference {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
}

/// A plot of both models.
pub(super) struct Plot<'a> {
    /// Names the plot, and the parts of it that others point to; letters alone.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    /// Says in words what is to be seen.
    pub(super) description: &'a str,
    pub(super) across: &'a str,
    pub(super) up: &'a str,
    pub(super) reference: Option<Reference>,
    pub(super) curves: Vec<Curve>,
}

fn x(share: f64) -> f64 {
    LEFT + SIDE * share.clamp(0.0, 1.0)
}

fn y(share: f64) -> f64 {
    TOP + SIDE * (1.0 - share.clamp(0.0, 1.0))
}

/// Writes a number of user units to a tenth.
fn units(value: f64) -> String {
    let written = format!("{value:.1}");
    written.strip_suffix(".0").map(str::to_owned).unwrap_or(written)
}

impl Plot<'_> {
    /// Draws it.
    pub(super) fn draw(&self) -> Markup {
        let (width, height) = (LEFT + SIDE + RIGHT, TOP + SIDE + BELOW);
        let (title_id, description_id) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        html! {
            svg class="plot" role="img" viewBox={ "0 0 " (units(width)) " " (units(height)) }
                aria-labelledby={ (title_id) " " (description_id) } {
                title id=(title_id) { (self.title) }
                desc id=(description_id) { (self.description) }
                @for tick in TICKS {
                    line class="grid" x1=(units(x(tick))) x2=(units(x(tick))) y1=(units(y(0.0))) y2=(units(y(1.0))) {}
                    line class="grid" x1=(units(x(0.0))) x2=(units(x(1.0))) y1=(units(y(tick))) y2=(units(y(tick))) {}
                    text class="tick" x=(units(x(tick))) y=(units(y(0.0) + 15.0)) text-anchor="middle" { (label(tick)) }
                    text class="tick" x=(units(x(0.0) - 6.0)) y=(units(y(tick) + 3.5)) text-anchor="end" { (label(tick)) }
                }
                line class="axis" x1=(units(x(0.0))) x2=(units(x(1.0))) y1=(units(y(0.0))) y2=(units(y(0.0))) {}
                line class="axis" x1=(units(x(0.0))) x2=(units(x(0.0))) y1=(units(y(0.0))) y2=(units(y(1.0))) {}
                text class="name" x=(units(x(0.5))) y=(units(y(0.0) + 36.0)) text-anchor="middle" { (self.across) }
                text class="name" text-anchor="middle"
                    transform={ "translate(11 " (units(y(0.5))) ") rotate(-90)" } { (self.up) }
                @if let Some(Reference { from, to }) = &self.reference {
                    line class="reference" x1=(units(x(from.0))) y1=(units(y(from.1))) x2=(units(x(to.0))) y2=(units(y(to.1))) {}
                }
                @for curve in &self.curves {
                    g class=(curve.class) {
                        polyline points=(path(&curve.points)) {}
                        @for (at, size) in curve.marks() { (mark(curve.class, curve.points[at], size)) }
                    }
                }
            }
        }
    }
}

impl Curve {
    /// Returns which points are marked, and how large.
    fn marks(&self) -> Vec<(usize, f64)> {
        if !self.sizes.is_empty() {
            return self.sizes.iter().map(|size| 2.0 + 4.0 * size.sqrt()).enumerate().collect();
        }
        let last = self.points.len().saturating_sub(1);
        (0..MARKS.min(self.points.len())).map(|step| ((2 * step + 1) * last / (2 * MARKS), 3.0)).collect()
    }
}

/// Draws a point: a square for the champion and a disc for the challenger, so that colour is not what tells them apart.
pub(super) fn mark(class: &str, (across, up): (f64, f64), size: f64) -> Markup {
    let (cx, cy) = (x(across), y(up));
    html! {
        @if class == "champion" {
            rect class="mark" x=(units(cx - size)) y=(units(cy - size)) width=(units(2.0 * size)) height=(units(2.0 * size)) {}
        } @else {
            circle class="mark" cx=(units(cx)) cy=(units(cy)) r=(units(size)) {}
        }
    }
}

/// Draws how a model's curves look, for a legend.
pub(super) fn swatch(class: &str) -> Markup {
    html! {
        svg class="swatch" viewBox="0 0 34 12" aria-hidden="true" {
            g class=(class) {
                polyline points="1,6 33,6" {}
                @if class == "champion" { rect class="mark" x="14" y="3" width="6" height="6" {} }
                @else { circle class="mark" cx="17" cy="6" r="3.2" {} }
            }
        }
    }
}

/// Draws a range around 0, from -`span` to `span`, with the value in it: a row of a table says it in numbers.
pub(super) fn range(value: f64, (low, high): (f64, f64), span: f64) -> Markup {
    let place = |value: f64| units(60.0 + 56.0 * (value / span).clamp(-1.0, 1.0));
    html! {
        svg class="range" viewBox="0 0 120 16" aria-hidden="true" {
            line class="axis" x1="60" x2="60" y1="0" y2="16" {}
            line class="bar" x1=(place(low)) x2=(place(high)) y1="8" y2="8" {}
            circle class="mark" cx=(place(value)) cy="8" r="3.5" {}
        }
    }
}

/// Draws a bar from 0 to the left or right, of `span` at most.
pub(super) fn bar(value: f64, span: f64) -> Markup {
    let width = 56.0 * (value.abs() / span).clamp(0.0, 1.0);
    let (class, begin) = if value > 0.0 { ("more", 60.0) } else { ("less", 60.0 - width) };
    html! {
        svg class="range" viewBox="0 0 120 16" aria-hidden="true" {
            line class="axis" x1="60" x2="60" y1="0" y2="16" {}
            rect class=(class) x=(units(begin)) y="3" width=(units(width)) height="10" {}
        }
    }
}

fn label(tick: f64) -> String {
    let written = format!("{tick:.2}");
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn path(points: &[(f64, f64)]) -> PreEscaped<String> {
    let points: Vec<String> = points.iter().map(|one| format!("{},{}", units(x(one.0)), units(y(one.1)))).collect();
    PreEscaped(points.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_has_its_corners_where_they_belong() {
        assert_eq!((units(x(0.0)), units(y(0.0))), ("46".to_owned(), "266".to_owned()));
        assert_eq!((units(x(1.5)), units(y(1.0))), ("302".to_owned(), "10".to_owned()));
        assert_eq!(TICKS.map(label), ["0", "0.25", "0.5", "0.75", "1"]);
    }

    #[test]
    fn marks_lie_on_their_curve_and_a_curve_may_be_empty() {
        let curve = |points: usize| Curve { class: "champion", points: vec![(0.5, 0.5); points], sizes: Vec::new() };
        for points in [0, 1, 3, 100] {
            assert!(curve(points).marks().iter().all(|(at, _)| *at < points), "{points}");
        }
        assert_eq!(curve(100).marks().len(), MARKS);
    }
}
