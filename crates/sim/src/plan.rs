//! A plan: how the world of a run is made, and what happens in it. It can be written down, read, and carried out again.

use crate::action::{Action, parse};
use crate::random::Random;
use std::fmt;
use vocab::context::World;

/// How a bank names a payment in its statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By every reference there is.
    All,
    /// By our own reference.
    Instruction,
    /// By the submitter's reference alone.
    EndToEnd,
}

/// How a bank is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankNature {
    /// Whether it recognises a message that comes twice.
    pub recognises: bool,
    /// How it names payments.
    pub naming: Naming,
    /// Whether collective bookings list their transactions.
    pub lists: bool,
}

/// How the world of a run is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Seeds ids, keys and random bytes.
    pub seed: u64,
    /// Test or live.
    pub world: World,
    /// How many servers share the database.
    pub servers: usize,
    /// How many people there are.
    pub members: usize,
    /// How many of them (the first ones) may approve.
    pub approvers: usize,
    /// The approval policy.
    pub policy: String,
    /// The banks, each with one account of the house.
    pub banks: Vec<BankNature>,
}

/// A setting and what happens in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How the world is made.
    pub setting: Setting,
    /// What happens, in this order.
    pub actions: Vec<Action>,
}

/// How a policy may look like: one line of text, rules parted by semicolons.
pub fn draw_policy(random: &mut Random, approvers: usize) -> String {
    let most = i64::try_from(approvers.min(3)).unwrap_or(1);
    let base = random.between(1, most.min(2));
    let mut text = format!("any needs {base}");
    if random.percent(50) {
        let high = random.between(1, most);
        text.push_str(&format!("; EUR >= {}.00 needs {high}", random.between(50, 900)));
    }
    if random.percent(20) {
        text.push_str(&format!("; any on bank1 needs {}", random.between(1, most)));
    }
    text
}

impl Setting {
    /// Draws a setting.
    pub fn draw(seed: u64, random: &mut Random) -> Self {
        let banks = (0..random.between(1, 3)).map(|_| BankNature {
            recognises: random.percent(60),
            naming: match random.below(4) {
                0 => Naming::EndToEnd,
                1 => Naming::Instruction,
                _ => Naming::All,
            },
            lists: random.percent(50),
        });
        let banks = banks.collect();
        let approvers = usize::try_from(random.between(2, 4)).unwrap_or(2);
        Self {
            seed,
            world: if random.percent(60) { World::Live } else { World::Test },
            servers: match random.below(10) {
                0..=3 => 1,
                4..=7 => 2,
                _ => 3,
            },
            members: approvers + random.below(2),
            approvers,
            policy: draw_policy(random, approvers),
            banks,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = &self.setting;
        writeln!(
            f,
            "seed {} world {} servers {} members {} approvers {}",
            setting.seed,
            setting.world.name(),
            setting.servers,
            setting.members,
            setting.approvers
        )?;
        writeln!(f, "policy {}", setting.policy)?;
        for bank in &setting.banks {
            let naming = match bank.naming {
                Naming::All => "all",
                Naming::Instruction => "instruction",
                Naming::EndToEnd => "end-to-end",
            };
            let (recognises, lists) = (word(bank.recognises), word(bank.lists));
            writeln!(f, "bank recognises {recognises} naming {naming} lists {lists}")?;
        }
        self.actions.iter().try_for_each(|action| writeln!(f, "{action}"))
    }
}

fn word(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

impl Plan {
    /// Reads a plan; an error names the line that cannot be read. `#` begins a comment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty());
        let wrong = |line: &str| format!("not a line of a plan: `{line}`");
        let first = lines.next().unwrap_or_default();
        let mut setting = heading(first).ok_or_else(|| wrong(first))?;
        let mut actions = Vec::new();
        for line in lines {
            if let Some(text) = line.strip_prefix("policy ") {
                text.clone_into(&mut setting.policy);
            } else if let Some(bank) = line.strip_prefix("bank ") {
                setting.banks.push(nature(bank).ok_or_else(|| wrong(line))?);
            } else {
                actions.push(parse(line).ok_or_else(|| wrong(line))?);
            }
        }
        if setting.banks.is_empty() || setting.policy.is_empty() {
            return Err("a plan has a policy and at least one bank".to_owned());
        }
        Ok(Self { setting, actions })
    }
}

fn heading(line: &str) -> Option<Setting> {
    let words: Vec<&str> = line.split(' ').collect();
    let [
        "seed",
        seed,
        "world",
        world,
        "servers",
        servers,
        "members",
        members,
        "approvers",
        approvers,
    ] = words.as_slice()
    else {
        return None;
    };
    Some(Setting {
        seed: seed.parse().ok()?,
        world: match *world {
            "test" => World::Test,
            "live" => World::Live,
            _ => return None,
        },
        servers: servers.parse().ok()?,
        members: members.parse().ok()?,
        approvers: approvers.parse().ok()?,
        policy: String::new(),
        banks: Vec::new(),
    })
}

fn nature(line: &str) -> Option<BankNature> {
    let words: Vec<&str> = line.split(' ').collect();
    let ["recognises", recognises, "naming", naming, "lists", lists] = words.as_slice() else {
        return None;
    };
    Some(BankNature {
        recognises: *recognises == "yes",
        naming: match *naming {
            "all" => Naming::All,
            "instruction" => Naming::Instruction,
            "end-to-end" => Naming::EndToEnd,
            _ => return None,
        },
        lists: *lists == "yes",
    })
}
