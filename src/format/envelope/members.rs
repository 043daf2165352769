//! What the members of a record's object are called, by the journal, by daemons, shippers, services and clouds.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// The members that matter.
#[derive(Clone, Copy)]
pub(super) enum Field {
    Micros,
    Time,
    Host,
    Tag,
    SyslogPid,
    Pid,
    Process,
    Log,
    Event,
    Original,
    Inner,
    /// A row of a search.
    Row,
    Text,
    /// A text, unless another member is one.
    Data,
    Other,
}

/// A member's name.
pub(super) struct Name(pub(super) Field);

/// The member that is called `name`. Upper-case names without a line before them are syslog-ng's (`$(format-json)`), `timereported` and
/// `timegenerated` rsyslog's, those with points Elastic's when flattened, `generated_at` Papertrail's, `syslog_…` and `logsource`
/// those of Logstash's manual, `log.syslog.…` and `event.original` those of Elastic's common schema, `SyslogMessage` and its like those of
/// Azure's table `Syslog`, `full_log` that of Wazuh's alerts, `data` that of Proofpoint's stream of Sendmail's log.
fn field(name: &str) -> Field {
    match name {
        "__REALTIME_TIMESTAMP" => Field::Micros,
        "timestamp" | "@timestamp" | "time" | "timereported" | "timegenerated" | "ISODATE" | "DATE" | "date"
        | "generated_at" | "syslog_timestamp" | "TimeGenerated" | "_time" => Field::Time,
        "_HOSTNAME"
        | "hostname"
        | "host"
        | "HOST"
        | "logsource"
        | "host.name"
        | "host.hostname"
        | "syslog_hostname"
        | "sysloghost"
        | "log.syslog.hostname"
        | "Computer" => Field::Host,
        "SYSLOG_IDENTIFIER" | "PROGRAM" | "programname" | "syslogtag" | "syslog-tag" | "appname" | "app-name" | "ident"
        | "program" | "_process_name" | "process.name" | "syslog_program" | "log.syslog.appname" | "ProcessName" => Field::Tag,
        "SYSLOG_PID" => Field::SyslogPid,
        "_PID" | "PID" | "procid" | "pid" | "process.pid" | "syslog_pid" | "log.syslog.procid" | "ProcessID" => Field::Pid,
        "process" => Field::Process,
        "log" => Field::Log,
        "event" => Field::Event,
        "event.original" => Field::Original,
        "jsonPayload" | "_source" => Field::Inner,
        "result" => Field::Row,
        "MESSAGE" | "message" | "msg" | "line" | "textPayload" | "short_message" | "syslog_message" | "SyslogMessage"
        | "full_log" | "_raw" => Field::Text,
        "data" => Field::Data,
        _ => Field::Other,
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Known;
        impl Visitor<'_> for Known {
            type Value = Name;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
                Ok(Name(field(name)))
            }
        }
        from.deserialize_str(Known)
    }
}
