//! Objects, lists and envelopes as they stand in files.

use super::*;

#[test]
fn an_object_is_known_by_its_members() {
    let object = Object::of(r#"{"type":"Delivery","response":{"code":250},"recipient":"a@b.example"}{"type":"x"}"#);
    assert!(object.has("response") && !object.has("code"));
    assert_eq!((object.text("type"), object.raw("response"), object.text("response")), ("Delivery", r#"{"code":250}"#, ""));
}
