//! From plotters' SVG to the page's.
//!
//! plotters writes fixed colours, whole numbers and an element per mark. The page needs classes (so that dark mode, print and forced
//! colours are the style sheet's), tenths, few elements, and a name and description for those who do not see it. [`restyle`] is the one
//! place that translates; it knows the six elements that `plotters-svg` writes and refuses any other, so that a new version of it
//! cannot put something unseen on the page.

use std::fmt::Write;

use super::canvas::SCALE;
use super::ink::Ink;

/// One element as plotters writes it: a name and its attributes; texts have their words.
struct Element<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
    words: &'a str,
}

impl Element<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.text(key)?.parse().ok()
    }

    /// The ink of the fill or stroke.
    fn ink(&self, key: &str) -> Option<Ink> {
        Ink::of_sentinel(self.text(key)?)
    }

    fn points(&self) -> Option<Vec<(f64, f64)>> {
        self.text("points")?
            .split_ascii_whitespace()
            .map(|pair| pair.split_once(',').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?))))
            .collect()
    }
}

/// Neighbouring shapes of the same look become one path: a month of bars is one element.
struct Run {
    /// Attributes of the path.
    look: String,
    /// Its `d`.
    path: String,
}

/// `raw` as plotters drew it, at ten times the size `(width, height)`, as an image of the page; None if it holds something unknown.
pub(super) fn restyle(raw: &str, (width, height): (f64, f64), id: &str, title: &str, description: &str) -> Option<String> {
    let mut svg = String::with_capacity(raw.len() / 2);
    let (title, description) = (escaped(title), escaped(description));
    write!(
        svg,
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
         <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{description}</desc>"
    )
    .ok()?;
    let mut run: Option<Run> = None;
    for element in elements(raw) {
        let element = element?;
        let Some((look, path)) = shape(&element) else {
            flush(&mut svg, run.take());
            write_single(&mut svg, &element)?;
            continue;
        };
        match &mut run {
            Some(run) if run.look == look => run.path.push_str(&path),
            _ => flush(&mut svg, run.replace(Run { look, path })),
        }
    }
    flush(&mut svg, run);
    svg.push_str("</svg>");
    Some(svg)
}

/// All elements between the outer tags.
fn elements(raw: &str) -> impl Iterator<Item = Option<Element<'_>>> {
    let mut lines = raw.lines().filter(|line| !line.starts_with("<svg") && *line != "</svg>");
    std::iter::from_fn(move || {
        let line = lines.next()?;
        let parsed = element(line);
        if !line.ends_with("/>") {
            // A text: its words stand on the next line, its end tag on the one after.
            let words = lines.next().unwrap_or_default();
            lines.next();
            return Some(parsed.map(|parsed| Element { words, ..parsed }));
        }
        Some(parsed)
    })
}

fn element(line: &str) -> Option<Element<'_>> {
    let inside = line.strip_prefix('<')?.strip_suffix('>')?;
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    let (name, mut rest) = inside.split_once(' ')?;
    let mut attributes = Vec::new();
    while let Some((key, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"')?;
        attributes.push((key.trim_start(), value));
        rest = next;
    }
    Some(Element { name, attributes, words: "" })
}

/// Look and path of a rectangle, line or polygon; None for what stays an element of its own.
fn shape(element: &Element<'_>) -> Option<(String, String)> {
    let opacity = match element.number("opacity")? {
        full if full >= 1.0 => String::new(),
        part => format!(" opacity=\"{}\"", (part * 100.0).round() / 100.0),
    };
    match element.name {
        "rect" => {
            let (x, y) = (tenths(element.number("x")?), tenths(element.number("y")?));
            let (w, h) = (tenths(element.number("width")?), tenths(element.number("height")?));
            Some((format!("class=\"{}\"{opacity}", element.ink("fill")?.class()), format!("M{x} {y}h{w}v{h}h-{w}z")))
        }
        "polygon" => Some((
            format!("class=\"{}\"{opacity}", element.ink("fill")?.class()),
            format!("{}z", path_through(&element.points()?)),
        )),
        "polyline" => {
            let width = tenths(element.number("stroke-width")?);
            let class = element.ink("stroke")?.class();
            Some((format!("class=\"line {class}\" stroke-width=\"{width}\"{opacity}"), path_through(&element.points()?)))
        }
        _ => None,
    }
}

/// `M10 20l5-3…`: from point to point by differences, which are shorter than places.
fn path_through(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    let mut from: Option<(f64, f64)> = None;
    for &(x, y) in points {
        match from {
            None => path = format!("M{} {}", tenths(x), tenths(y)),
            Some((_, before)) if before.to_bits() == y.to_bits() => path = format!("{path}H{}", tenths(x)),
            Some((before, _)) if before.to_bits() == x.to_bits() => path = format!("{path}V{}", tenths(y)),
            Some((x0, y0)) => path = format!("{path}l{} {}", tenths(x - x0), tenths(y - y0)),
        }
        from = Some((x, y));
    }
    path
}

/// Circles and texts.
fn write_single(svg: &mut String, element: &Element<'_>) -> Option<()> {
    match element.name {
        "circle" => {
            let (x, y, r) = (tenths(element.number("cx")?), tenths(element.number("cy")?), tenths(element.number("r")?));
            let class = match element.ink("fill") {
                Some(ink) => ink.class().to_owned(),
                None => format!("line {}", element.ink("stroke")?.class()),
            };
            write!(svg, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>").ok()
        }
        "text" => {
            let (x, y) = (tenths(element.number("x")?), tenths(element.number("y")?));
            let anchor = match element.text("text-anchor")? {
                "start" => String::new(),
                other => format!(" text-anchor=\"{other}\""),
            };
            let bold = if element.text("font-weight").is_some() { " font-weight=\"600\"" } else { "" };
            let (size, class) = (tenths(element.number("font-size")?), element.ink("fill")?.class());
            let words = element.words;
            write!(
                svg,
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" dy=\".35em\" font-size=\"{size}\"{anchor}{bold}>{words}</text>"
            )
            .ok()
        }
        _ => None,
    }
}

fn flush(svg: &mut String, run: Option<Run>) {
    if let Some(Run { look, path }) = run {
        svg.push_str("<path ");
        svg.push_str(&look);
        svg.push_str(" d=\"");
        svg.push_str(&path);
        svg.push_str("\"/>");
    }
}

/// A coordinate of the large drawing in units of the page, at most one decimal.
fn tenths(value: f64) -> f64 {
    (value / SCALE * 10.0).round() / 10.0
}

fn escaped(text: &str) -> String {
    use askama::filters::Escaper;
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _infallible = crate::report::text::Visible.write_escaped_str(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use crate::report::charts::canvas::{Anchor, Canvas};
    use crate::report::charts::ink::Ink;

    #[test]
    fn a_drawing_has_classes_tenths_and_few_elements() {
        let mut canvas = Canvas::new(100.0, 50.0);
        canvas.bar((0.0, 0.0), (10.25, 5.0), Ink::Delivered);
        canvas.bar((20.0, 0.0), (30.0, 5.0), Ink::Delivered);
        canvas.faint_bar((20.0, 0.0), (30.0, 5.0), Ink::Blocked, 0.5);
        canvas.line([(0.0, 1.5), (9.0, 1.5), (12.0, 4.0)], Ink::Rule, 1.0);
        canvas.dot((3.0, 4.0), 2.5, Ink::Bounced);
        canvas.words((1.0, 2.0), "a <b> \u{202e}&", Anchor::End, Ink::Text, 12.0);
        insta::assert_snapshot!(canvas.paint("c", "Title & more", "What it shows").unwrap().replace('>', ">\n"));
    }

    #[test]
    fn a_bar_without_area_is_no_mark() {
        let mut canvas = Canvas::new(10.0, 10.0);
        canvas.bar((0.0, 0.0), (0.04, 5.0), Ink::Delivered);
        assert!(!canvas.paint("c", "t", "d").unwrap().contains("path"));
    }
}
