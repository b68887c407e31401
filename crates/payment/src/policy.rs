//! How many people must approve a payment: an organization's rules by currency, channel and amount, and their text form.
//!
//! One rule per line, `#` begins a comment:
//! `CURRENCY|any [on CHANNEL] [>= AMOUNT] needs N`, for example
//! `any needs 1`, `EUR >= 50000.00 needs 2`, `USD on sandbox >= 10000.00 needs 2`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use vocab::limits;
use vocab::money::{Amount, Currency, Money};

/// Rules of one policy: more than a page of them is no policy that people understand.
pub const RULES_MAX: usize = 100;
/// Characters of a channel's name in a rule.
pub const CHANNEL_NAME_MAX: usize = 35;

/// One rule: payments like this take so many approvers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Only payments in this currency.
    pub currency: Option<Currency>,
    /// Only payments through this channel.
    pub channel: Option<String>,
    /// Only payments of at least so much, in minor units of the currency; 0 for all.
    pub from_minor: i64,
    /// How many distinct people, 1 to `limits::APPROVERS_MAX`.
    pub approvers: u32,
}

/// Rules that together say a number for every payment.
///
/// Which of several fitting rules counts: one that names currency and channel before one that names only the currency, before one
/// that names only the channel, before one that names neither; among equally specific ones the one with the highest threshold.
/// INVARIANT: sorted by that precedence; no two rules are about the same payments; the last one fits every payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    rules: Vec<Rule>,
}

/// Why rules are no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The form of a line is wrong.
    #[error("line {line}: {problem}; write for example `EUR on sandbox >= 50000.00 needs 2`")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A rule asks for too few or too many approvers.
    #[error("a rule asks for {asked} approvers; between 1 and {max} are possible", max = limits::APPROVERS_MAX)]
    Approvers {
        /// What the rule asks for.
        asked: u32,
    },
    /// A threshold without a currency, or a negative one.
    #[error("a threshold must not be negative and needs a currency: `EUR >= 50000.00 needs 2`")]
    Threshold,
    /// Not a channel's name.
    #[error("a channel's name has 1 to {CHANNEL_NAME_MAX} lower-case letters, digits, `-` and `_`")]
    Channel,
    /// Two rules for the same payments.
    #[error("two rules have the same currency, channel and threshold; keep one of them: `{0}`")]
    Twice(String),
    /// No rule for everything else.
    #[error("a rule for all other payments is missing; add a line such as `any needs 1`")]
    NoDefault,
    /// More than [`RULES_MAX`].
    #[error("a policy has at most {RULES_MAX} rules")]
    TooMany,
}

impl Policy {
    /// Checks the rules and puts them in the order of precedence.
    pub fn new(mut rules: Vec<Rule>) -> Result<Self, PolicyError> {
        if rules.len() > RULES_MAX {
            return Err(PolicyError::TooMany);
        }
        rules.iter().try_for_each(check)?;
        rules.sort_by(|a, b| precedence(a).cmp(&precedence(b)));
        let mut seen = BTreeSet::new();
        for rule in &rules {
            if !seen.insert((rule.currency, rule.channel.as_deref(), rule.from_minor)) {
                return Err(PolicyError::Twice(rule.to_string()));
            }
        }
        let covers_all = |rule: &Rule| rule.currency.is_none() && rule.channel.is_none();
        if rules.iter().any(covers_all) {
            Ok(Self { rules })
        } else {
            Err(PolicyError::NoDefault)
        }
    }

    /// In the order of precedence.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule that counts for a payment of this amount through this channel.
    pub fn rule(&self, amount: &Amount, channel: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.fits(amount, channel))
    }

    /// How many distinct people must approve it.
    pub fn needed(&self, amount: &Amount, channel: &str) -> u32 {
        // The default rule fits everything; were it ever missing, the strictest number is the safe one.
        self.rule(amount, channel)
            .map_or(limits::APPROVERS_MAX, |rule| rule.approvers)
    }
}

impl Rule {
    fn fits(&self, amount: &Amount, channel: &str) -> bool {
        self.currency.is_none_or(|currency| currency == amount.currency())
            && self.channel.as_deref().is_none_or(|named| named == channel)
            && amount.minor() >= self.from_minor
    }
}

fn check(rule: &Rule) -> Result<(), PolicyError> {
    if !(1..=limits::APPROVERS_MAX).contains(&rule.approvers) {
        return Err(PolicyError::Approvers { asked: rule.approvers });
    }
    if rule.from_minor < 0 || (rule.from_minor > 0 && rule.currency.is_none()) {
        return Err(PolicyError::Threshold);
    }
    match rule.channel.as_deref() {
        Some(name) if !is_channel_name(name) => Err(PolicyError::Channel),
        Some(_) | None => Ok(()),
    }
}

fn is_channel_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=CHANNEL_NAME_MAX).contains(&name.len()) && name.bytes().all(fits)
}

/// Smaller comes first.
fn precedence(rule: &Rule) -> (u8, std::cmp::Reverse<i64>, Option<Currency>, Option<&str>) {
    let unspecific = match (rule.currency.is_some(), rule.channel.is_some()) {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (false, false) => 3,
    };
    (
        unspecific,
        std::cmp::Reverse(rule.from_minor),
        rule.currency,
        rule.channel.as_deref(),
    )
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.currency.map_or("any", Currency::code))?;
        if let Some(channel) = &self.channel {
            write!(f, " on {channel}")?;
        }
        if let Some(currency) = self.currency.filter(|_| self.from_minor != 0) {
            write!(f, " >= {}", Money::new(self.from_minor, currency).decimal())?;
        }
        write!(f, " needs {}", self.approvers)
    }
}

impl fmt::Display for Policy {
    /// The text form, in the order of precedence, each line ended by a line feed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rules.iter().try_for_each(|rule| writeln!(f, "{rule}"))
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let mut rules = Vec::new();
        for (before, line) in text.lines().enumerate() {
            let line_number = before.saturating_add(1);
            let content = line.split_once('#').map_or(line, |(content, _)| content).trim();
            if content.is_empty() {
                continue;
            }
            if rules.len() >= RULES_MAX {
                return Err(PolicyError::TooMany);
            }
            let rule = read_rule(content).map_err(|problem| PolicyError::Line {
                line: line_number,
                problem,
            })?;
            rules.push(rule);
        }
        Self::new(rules)
    }
}

fn read_rule(content: &str) -> Result<Rule, &'static str> {
    let mut words = content.split_whitespace();
    let currency = match words.next() {
        Some("any") => None,
        Some(code) => Some(Currency::from_code(code).ok_or("a currency code or `any` is expected first")?),
        None => return Err("the line is empty"),
    };
    let (mut channel, mut from_minor) = (None, 0);
    loop {
        match words.next() {
            Some("on") if channel.is_none() && from_minor == 0 => {
                channel = Some(
                    words
                        .next()
                        .ok_or("the channel's name is missing after `on`")?
                        .to_owned(),
                );
            }
            Some(">=") if from_minor == 0 => {
                let currency = currency.ok_or("a threshold needs a currency, `any` has none")?;
                let amount = words.next().ok_or("the amount is missing after `>=`")?;
                from_minor = Money::parse(amount, currency)
                    .map_err(|_| "the threshold is no amount of the currency")?
                    .minor();
            }
            Some("needs") => break,
            Some(_) => return Err("`on`, `>=` or `needs` is expected, in this order and each once"),
            None => return Err("`needs` and a number are missing"),
        }
    }
    let approvers = words
        .next()
        .and_then(|word| word.parse().ok())
        .ok_or("a number is expected after `needs`")?;
    match words.next() {
        None => Ok(Rule {
            currency,
            channel,
            from_minor,
            approvers,
        }),
        Some(_) => Err("nothing may follow the number of approvers"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(text: &str, code: &str) -> Amount {
        Amount::parse(text, Currency::from_code(code).unwrap()).unwrap()
    }

    #[test]
    fn the_most_specific_rule_counts_and_then_the_highest_threshold() {
        let text = "any needs 1\nany on sandbox needs 2\nEUR needs 1\nEUR >= 50000.00 needs 3 # the board\n\n# pilot\n\
                    EUR on sandbox >= 10.00 needs 4\n";
        let policy: Policy = text.parse().unwrap();
        let cases = [
            ("49999.99", "EUR", "ebics", 1),
            ("50000.00", "EUR", "ebics", 3),
            ("50000.00", "EUR", "sandbox", 4),
            ("9.99", "EUR", "sandbox", 1),
            ("50000.00", "USD", "sandbox", 2),
            ("50000.00", "USD", "ebics", 1),
        ];
        for (sum, code, channel, needed) in cases {
            assert_eq!(
                policy.needed(&amount(sum, code), channel),
                needed,
                "{sum} {code} on {channel}"
            );
        }
    }

    #[test]
    fn the_order_of_the_lines_does_not_matter() {
        let one: Policy = "any needs 1\nEUR >= 5 needs 2\nEUR >= 50 needs 3\n".parse().unwrap();
        let other: Policy = "EUR >= 50 needs 3\nEUR >= 5 needs 2\nany needs 1\n".parse().unwrap();
        assert_eq!(one, other);
        assert_eq!(
            one.to_string(),
            "EUR >= 50.00 needs 3\nEUR >= 5.00 needs 2\nany needs 1\n"
        );
    }

    #[test]
    fn rules_that_leave_a_payment_without_a_number_or_with_two_are_refused() {
        assert_eq!("EUR needs 1".parse::<Policy>(), Err(PolicyError::NoDefault));
        assert_eq!("any on sandbox needs 1".parse::<Policy>(), Err(PolicyError::NoDefault));
        assert_eq!(
            "any needs 1\nany needs 2".parse::<Policy>(),
            Err(PolicyError::Twice("any needs 2".to_owned()))
        );
        assert_eq!(
            "any needs 0".parse::<Policy>(),
            Err(PolicyError::Approvers { asked: 0 })
        );
        assert_eq!(
            "any needs 6".parse::<Policy>(),
            Err(PolicyError::Approvers { asked: 6 })
        );
        assert_eq!("any on A needs 1".parse::<Policy>(), Err(PolicyError::Channel));
        assert_eq!(
            "any needs 1\nEUR >= -1 needs 2".parse::<Policy>(),
            Err(PolicyError::Threshold)
        );
    }

    #[test]
    fn a_line_in_another_form_is_named_with_its_number() {
        let wrong = [
            "any >= 5 needs 1",
            "EUR >= 1.001 needs 1",
            "EUR >= needs 1",
            "EUR",
            "EUR needs",
            "EUR needs x",
            "EUR needs 1 2",
            "EURO needs 1",
            "EUR >= 5 on sandbox needs 1",
            "EUR on a on b needs 1",
        ];
        for line in wrong {
            let refusal = format!("any needs 1\n{line}").parse::<Policy>();
            assert!(
                matches!(refusal, Err(PolicyError::Line { line: 2, .. })),
                "{line}: {refusal:?}"
            );
        }
    }

    fn rules() -> impl Strategy<Value = Rule> {
        let currency = prop::option::of(prop::sample::select(vec!["EUR", "USD", "JPY", "KWD"]));
        let channel = prop::option::of("[a-z0-9_-]{1,35}");
        (currency, channel, 0..i64::MAX, 1..=limits::APPROVERS_MAX).prop_map(|(code, channel, from, approvers)| {
            let currency = code.and_then(Currency::from_code);
            Rule {
                currency,
                channel,
                from_minor: if currency.is_some() { from } else { 0 },
                approvers,
            }
        })
    }

    proptest! {
        #[test]
        fn every_policy_survives_its_text(mut rules in prop::collection::vec(rules(), 0..20), approvers in 1..=limits::APPROVERS_MAX) {
            rules.push(Rule { currency: None, channel: None, from_minor: 0, approvers });
            if let Ok(policy) = Policy::new(rules) {
                prop_assert_eq!(policy.to_string().parse(), Ok(policy));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "((any|EUR|JPY|on|>=|needs|[0-9.]{1,5}|\\PC{0,3})[ \n]){0,30}") {
            let _ = text.parse::<Policy>();
        }

        #[test]
        fn every_payment_gets_a_number_from_the_limits(mut rules in prop::collection::vec(rules(), 0..20), minor in 1..i64::MAX) {
            rules.push(Rule { currency: None, channel: None, from_minor: 0, approvers: 1 });
            if let Ok(policy) = Policy::new(rules) {
                let amount = Amount::new(Money::new(minor, Currency::from_code("EUR").unwrap())).unwrap();
                prop_assert!(policy.rule(&amount, "sandbox").is_some());
                prop_assert!((1..=limits::APPROVERS_MAX).contains(&policy.needed(&amount, "sandbox")));
            }
        }
    }
}
