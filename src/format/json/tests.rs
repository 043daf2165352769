//! Objects, lists and envelopes as they stand in files.

use super::*;

#[test]
fn an_object_is_known_by_its_members() {
    let object = Object::of(r#"{"type":"Delivery","response":{"code":250},"recipient":"a@b.example"}{"type":"x"}"#);
    assert!(object.has("response") && !object.has("code"));
    assert_eq!((object.text("type"), object.raw("response"), object.text("response")), ("Delivery", r#"{"code":250}"#, ""));
}

#[test]
fn lines_of_lambda_about_its_runs_are_no_damage() {
    for text in [
        "START RequestId: 1b2c Version: $LATEST",
        "2026-10-01T08:00:06.000Z END RequestId: 1b2c",
        "REPORT RequestId: 1b2c\tDuration: 2.31 ms\tBilled Duration: 3 ms",
        "INIT_START Runtime Version: nodejs:20.v9",
    ] {
        assert_eq!(without_object(text), Kind::Other, "{text}");
    }
    assert_eq!(without_object("RESTART RequestId: 1b2c"), Kind::Unparsed);
    assert_eq!(without_object("2026-10-01T08:00:06.000Z Task timed out after 3.00 seconds"), Kind::Unparsed);
}
