//! The colours of the style sheet, measured: letters and marks must stand out from the page, light and dark.

use std::collections::BTreeMap;

use super::super::page::STYLE;

/// WCAG 2.2: relative luminance.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The variables of the n-th `:root` rule.
fn variables(n: usize) -> BTreeMap<&'static str, &'static str> {
    let rule = STYLE.split(":root {").nth(n + 1).unwrap().split('}').next().unwrap();
    let declared = rule.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
    declared.filter(|(_, value)| value.starts_with('#') && value.len() == 7).collect()
}

#[test]
fn the_measure_is_that_of_wcag() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}

#[test]
fn marks_stand_out_from_the_page_and_letters_more() {
    for (theme, colours) in [("light", variables(0)), ("dark", variables(1))] {
        let page = colours["page"];
        for ink in ["delivered", "deferred", "bounced", "blocked", "expired", "later", "figure", "mark", "ghost", "heat"] {
            let measured = contrast(colours[ink], page);
            assert!(measured >= 3.0, "{theme} {ink} {measured:.2}");
        }
        for letters in ["text", "muted", "link", "alarm"] {
            for ground in ["page", "raised"] {
                let measured = contrast(colours[letters], colours[ground]);
                assert!(measured >= 4.5, "{theme} {letters} on {ground} {measured:.2}");
            }
        }
        assert!(
            contrast(colours["alarm"], colours["alarm-ground"]) >= 4.5
                && contrast(colours["text"], colours["alarm-ground"]) >= 4.5
        );
    }
}

#[test]
fn letters_stay_readable_on_the_darkest_cell() {
    for (theme, colours) in [("light", variables(0)), ("dark", variables(1))] {
        // `.s5`: 42 % of the heat over the page.
        let mixed: String = [1, 3, 5]
            .map(|at| {
                let channel = |colour: &str| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap());
                format!("{:02x}", (0.42 * channel(colours["heat"]) + 0.58 * channel(colours["page"])).round() as u8)
            })
            .concat();
        let measured = contrast(colours["text"], &format!("#{mixed}"));
        assert!(measured >= 4.5, "{theme} {measured:.2}");
    }
    assert!(STYLE.contains(".s5 { background: color-mix(in srgb, var(--heat) 42%, transparent); }"));
}

#[test]
fn every_ink_has_a_colour_for_both_themes_and_paper() {
    use crate::report::charts::ink::Ink;
    for ink in Ink::ALL {
        assert!(
            STYLE.contains(&format!("svg .{} {{", ink.class())) || STYLE.contains(&format!("svg .line.{} {{", ink.class())),
            "{ink:?}"
        );
    }
    let print = variables(2);
    for state in ["delivered", "deferred", "bounced", "blocked", "expired", "later"] {
        assert_eq!(print[state], variables(0)[state], "on paper {state} is that of the light page");
    }
}
