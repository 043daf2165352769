//! Services that write JSON: told among noise and from each other, whatever stands around their objects.

use super::check_detection;

#[test]
fn a_service_is_found_behind_noise() {
    let text = "Oct  1 08:00:00 mx1 app[7]: GET /index {\"a\": 1} {x\n".repeat(200);
    let event = r#"{"RecordType":"Delivery","MessageID":"1","Recipient":"a@b.example","DeliveredAt":"2026-10-01T08:00:00Z"}"#;
    check_detection(&format!("{text}{event}\n"), "postmark Certain Lines");
    let objects = "{\"level\":\"info\",\"msg\":\"started\",\"email\":\"a@b.example\"}\n".repeat(200);
    check_detection(&format!("{objects}{event}\n"), "postmark Certain Lines");
    check_detection(&format!("{objects}[\n{event}\n]\n"), "postmark Certain Json");
}
