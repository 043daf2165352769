//! Notifications of Amazon SES that came by mail: an object of JSON in the text.

use serde::Deserialize;

use super::complaint::{Complaint, Feedback};
use super::parsed::Parsed;
use super::reply;
use super::report::{Action, Notice};
use crate::event::Enhanced;

/// What a notification says.
pub(crate) enum Told {
    /// Of deliveries that failed or were done.
    Notices(Vec<Notice>),
    /// Of a complaint.
    Complaint(Complaint),
}

/// The notification, as far as it is needed. Source: Amazon SES developer guide, "Amazon SNS notification contents".
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Notification {
    #[serde(rename = "notificationType")]
    kind: String,
    event_type: String,
    bounce: Option<Bounce>,
    complaint: Option<Complained>,
    delivery: Option<Delivery>,
    mail: Mail,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
    bounced_recipients: Vec<Recipient>,
    timestamp: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Recipient {
    email_address: String,
    status: String,
    diagnostic_code: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Complained {
    #[serde(rename = "complainedRecipients")]
    recipients: Vec<Recipient>,
    complaint_feedback_type: String,
    arrival_date: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Delivery {
    recipients: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Mail {
    source: String,
}

/// The notification in a mail. None: there is none.
pub(crate) fn of(mail: &Parsed) -> Option<Told> {
    let at = mail.text.find('{')?;
    if !mail.text.get(..at)?.trim().is_empty() || !mail.lower.contains("\"mail\"") {
        return None;
    }
    let mut objects = serde_json::Deserializer::from_str(mail.text.get(at..)?).into_iter::<Notification>();
    let told = match objects.next() {
        Some(Ok(told)) => told,
        // A mailer folds long lines, which breaks strings.
        Some(Err(_)) | None => {
            serde_json::Deserializer::from_str(&mail.text.get(at..)?.replace('\n', "")).into_iter().next()?.ok()?
        }
    };
    match (told.kind.as_str(), told.event_type.as_str()) {
        ("Bounce", _) | (_, "Bounce") => told.bounce.as_ref().map(|bounce| Told::Notices(failed(bounce))),
        ("Delivery", _) | (_, "Delivery") => told.delivery.as_ref().map(|delivery| Told::Notices(delivered(delivery))),
        ("Complaint", _) | (_, "Complaint") => {
            told.complaint.as_ref().map(|complaint| Told::Complaint(complained(complaint, &told.mail)))
        }
        _ => None,
    }
}

fn failed(bounce: &Bounce) -> Vec<Notice> {
    let notice = |one: &Recipient| {
        let mut reply = reply::of_diagnostic(&one.diagnostic_code);
        if reply.is_empty() {
            reply = format!("Amazon SES: {} bounce", bounce.kind);
        }
        let status = reply::status(&reply).or_else(|| Enhanced::read(one.status.as_bytes()));
        let (recipient, at) = (one.email_address.clone(), bounce.timestamp.clone());
        Notice { action: Action::Failed, recipient, tried: String::new(), status, reply, relay: String::new(), at }
    };
    bounce.bounced_recipients.iter().map(notice).collect()
}

fn delivered(delivery: &Delivery) -> Vec<Notice> {
    let notice = |recipient: &String| {
        let (tried, reply, relay, at) = Default::default();
        Notice { action: Action::Positive, recipient: recipient.clone(), tried, status: None, reply, relay, at }
    };
    delivery.recipients.iter().map(notice).collect()
}

fn complained(complaint: &Complained, mail: &Mail) -> Complaint {
    let feedback = match complaint.complaint_feedback_type.as_str() {
        "fraud" => Feedback::Fraud,
        "virus" => Feedback::Virus,
        "not-spam" => Feedback::NotSpam,
        "auth-failure" => Feedback::AuthenticationFailure,
        _ => Feedback::Abuse,
    };
    Complaint {
        feedback,
        recipients: complaint.recipients.iter().map(|one| one.email_address.clone()).collect(),
        sender: mail.source.clone(),
        source: String::new(),
        reporter: String::new(),
        at: complaint.arrival_date.clone(),
        is_unsubscribing: false,
    }
}
