//! The configuration: what is set once for all runs. `--config FILE`, else `mailtally.toml` in the current folder, if there is one.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueHint};
use serde::Deserialize;

use super::exit::Done;
use crate::classify::Thresholds;
use crate::format::{Format, Mapping, WrittenMapping};
#[cfg(feature = "tables")]
use crate::tables::Limits;
#[cfg(feature = "tables")]
use crate::tables::lists::ListRules;

/// The file that is read where none is named.
const USUAL: &str = "mailtally.toml";

/// What `mailtally config` prints.
const EXAMPLE: &str = include_str!("mailtally.toml");

/// A configuration with every setting at its default, to be changed
#[derive(Args)]
#[command(name = "config", after_help = "Example:\n  mailtally config > mailtally.toml")]
pub(super) struct ConfigExample {}

impl ConfigExample {
    #[expect(clippy::unused_self, reason = "as every other command")]
    pub(super) fn run(&self) -> Result<Done> {
        std::io::stdout().write_all(EXAMPLE.as_bytes())?;
        Ok(Done::Whole)
    }
}

/// Where the configuration is.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct ConfigOption {
    /// Take mappings of formats (`[[format]]`), when an address is suppressed (`[actions]`) and what is never suppressed (`[lists]`)
    /// from FILE [default: mailtally.toml, if there is one]
    #[arg(long = "config", value_name = "FILE", env = "MAILTALLY_CONFIG", value_hint = ValueHint::FilePath)]
    file: Option<PathBuf>,
}

/// A configuration as it is written. What it does not know is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    actions: toml::Table,
    #[serde(default)]
    format: Vec<WrittenMapping>,
    #[serde(default, rename = "lists")]
    _lists: toml::Table,
}

/// A configuration.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// The defaults, with what is set laid over them.
    pub(super) thresholds: Thresholds,
    /// Formats by mappings, in their order.
    pub(super) formats: Vec<&'static dyn Format>,
}

impl std::fmt::Debug for dyn Format {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(self.name())
    }
}

impl ConfigOption {
    /// Reads the configuration.
    pub(super) fn read(&self) -> Result<Config> {
        Ok(self.through(Config::of)?.unwrap_or_default())
    }

    /// The limits of tables and lists, those of the configuration laid over the defaults.
    #[cfg(feature = "tables")]
    pub(super) fn limits(&self) -> Result<Limits> {
        let lists = self.through(|text| Ok(ListRules::read(text)?))?.unwrap_or_default();
        Ok(Limits { lists, ..Limits::default() })
    }

    /// What `read` makes of the text of the configuration; None where there is none.
    fn through<T>(&self, read: impl FnOnce(&str) -> Result<T>) -> Result<Option<T>> {
        let usual = Path::new(USUAL);
        let Some(path) = self.file.as_deref().or_else(|| usual.is_file().then_some(usual)) else { return Ok(None) };
        let named = || format!("the configuration {}", path.display());
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", named()))?;
        read(&text).map(Some).with_context(named)
    }
}

impl Config {
    fn of(text: &str) -> Result<Self> {
        let written: Written = toml::from_str(text)?;
        #[cfg(feature = "tables")]
        ListRules::read(text)?;
        let actions = toml::to_string(&written.actions)?;
        let thresholds = Thresholds::read(&actions).context("[actions]")?;
        let mut formats: Vec<&'static dyn Format> = Vec::new();
        for mapping in &written.format {
            let taken: Vec<&str> = formats.iter().map(|format| format.name()).collect();
            // A format lives as long as the program.
            formats.push(Box::leak(Box::new(Mapping::new(mapping, &taken).context("[[format]]")?)));
        }
        Ok(Self { thresholds, formats })
    }

    /// The format of this name, a mapping's or one that is built in.
    pub(super) fn format(&self, name: &str) -> Result<&'static dyn Format> {
        let own = self.formats.iter().copied().find(|format| format.name() == name);
        let Some(format) = own.or_else(|| crate::format::by_name(name)) else {
            let all = self.formats.iter().copied().chain(crate::format::FORMATS).map(Format::name);
            bail!("--format {name}: no such format; these are known: {}", all.collect::<Vec<_>>().join(", "));
        };
        Ok(format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: &str = "[[format]]\nname = 'own'\nkind = 'csv'\nfields = { time = 'at', recipient = 'to', reply = 'said' }\n";

    #[test]
    fn thresholds_and_formats_are_read() {
        let config = Config::of(&format!("[actions.hard]\nexplicit = 2\n{FORMAT}")).unwrap();
        assert_ne!(config.thresholds, Thresholds::default());
        assert_eq!(config.format("own").unwrap().name(), "own");
        assert_eq!(config.format("postfix").unwrap().name(), "postfix");
        assert!(Config::of("").unwrap().formats.is_empty());
        let error = config.format("nothing").err().unwrap().to_string();
        assert!(error.contains("own, postfix"), "{error}");
    }

    /// The example with its settings in force: those are the lines `# name = …` and `# [section]`.
    fn in_force() -> String {
        let is_setting =
            |line: &str| line.starts_with('[') || line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
        let line = |line: &str| line.strip_prefix("# ").filter(|line| is_setting(line)).unwrap_or(line).to_owned() + "\n";
        EXAMPLE.lines().map(line).collect()
    }

    #[test]
    fn the_example_changes_nothing_and_holds_every_setting() {
        let config = Config::of(EXAMPLE).unwrap();
        assert_eq!((config.thresholds, config.formats.len()), (Thresholds::default(), 0));
        let text = in_force();
        let config = Config::of(&text).unwrap();
        assert_eq!(config.thresholds, Thresholds::default());
        assert_eq!(config.format("shop").unwrap().name(), "shop");
        #[cfg(feature = "tables")]
        assert!(ListRules::read(&text).unwrap() != ListRules::default(), "[lists] is in force");
        let known: toml::Table = toml::from_str(include_str!("../classify/thresholds.toml")).unwrap();
        let shown: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(shown["actions"], toml::Value::Table(known));
    }

    #[test]
    fn what_it_does_not_know_is_an_error() {
        for (text, expected) in [
            ("[action]\n", "unknown field `action`"),
            ("[actions]\nhard = 1\n", "[actions]"),
            (&format!("{FORMAT}{FORMAT}"), "own: there is a format of this name already"),
            (&FORMAT.replace("'said'", "said"), "TOML parse error at line 4"),
        ] {
            let error = format!("{:#}", Config::of(text).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
    }
}
