//! Draws what happens next, from what has happened so far. Each run has moods of its own: how often what goes wrong.

use crate::action::{Action, Asked, Behaviour, Call, Deed, Form, Publication, Who};
use crate::plan::{Setting, draw_policy};
use crate::random::Random;
use crate::stage::Stage;

/// Payments in one run at most.
const PAYMENTS_MAX: usize = 14;

/// How often what happens in a run; each a weight.
#[derive(Clone, Debug)]
pub struct Moods {
    /// What is to happen soon, last first.
    soon: Vec<Action>,
    actions: usize,
    scripts: usize,
    commits: usize,
    banks: usize,
    naughty: usize,
    crashes: usize,
    clock: usize,
    doubts: usize,
}

impl Moods {
    /// Draws moods.
    pub fn draw(random: &mut Random) -> Self {
        let mut mood = |high: usize| match random.below(3) {
            0 => 0,
            1 => high / 3,
            _ => high,
        };
        let (commits, banks, naughty) = (mood(12), mood(14), mood(9));
        let (crashes, clock, doubts, scripts) = (mood(4), mood(4), mood(9), mood(4));
        Self {
            soon: Vec::new(),
            actions: 40 + random.below(120),
            scripts,
            commits,
            banks,
            naughty,
            crashes,
            clock,
            doubts,
        }
    }

    /// How many things happen.
    pub fn actions(&self) -> usize {
        self.actions
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Submit,
    Upload,
    Repeat,
    Doubt,
    Decide,
    Change,
    Cancel,
    Recall,
    Confirm,
    Resolve,
    Policy,
    Work,
    Seal,
    Publish,
    GoesOn,
    Crash,
    Fault,
    Disturb,
    Naughty,
    Deed,
    Moment,
    Minutes,
    Day,
    Steps,
    Script,
}

/// Draws the next action.
pub fn action(random: &mut Random, moods: &mut Moods, stage: &Stage) -> Action {
    if random.percent(85)
        && let Some(action) = moods.soon.pop()
    {
        return action;
    }
    let hanging = stage.hanging();
    let payments = stage.model.payments.len();
    let room = if payments < PAYMENTS_MAX { 1 } else { 0 };
    let kinds = [
        (Kind::Submit, 12 * room),
        (Kind::Upload, 2 * room),
        (Kind::Repeat, 3),
        (Kind::Doubt, moods.doubts),
        (Kind::Decide, 18),
        (Kind::Change, 2),
        (Kind::Cancel, 3),
        (Kind::Recall, 3),
        (Kind::Confirm, 3),
        (Kind::Resolve, 2),
        (Kind::Policy, 1),
        (Kind::Work, 34),
        (Kind::Seal, 4),
        (Kind::Publish, 3),
        (Kind::GoesOn, if hanging.is_empty() { 0 } else { 22 }),
        (Kind::Crash, moods.crashes),
        (Kind::Fault, moods.commits),
        (Kind::Disturb, moods.banks),
        (Kind::Naughty, moods.naughty),
        (Kind::Deed, 18),
        (Kind::Moment, 10),
        (Kind::Minutes, 5),
        (Kind::Day, 2),
        (Kind::Steps, moods.clock),
        (Kind::Script, moods.scripts),
    ];
    let total: usize = kinds.iter().map(|(_, weight)| weight).sum();
    let mut at = random.below(total);
    let mut kind = Kind::Work;
    for (candidate, weight) in kinds {
        if at < weight {
            kind = candidate;
            break;
        }
        at -= weight;
    }
    if matches!(kind, Kind::Script) && moods.soon.is_empty() {
        moods.soon = script(random, stage);
    }
    of_kind(random, kind, stage, &hanging)
}

/// Sequences that are dangerous and that chance alone finds rarely; last first.
fn script(random: &mut Random, stage: &Stage) -> Vec<Action> {
    let setting = &stage.setting;
    let bank = 1 + random.below(setting.banks.len());
    let one = 1 + random.below(setting.servers);
    let other = 1 + random.below(setting.servers);
    let work = |server| Action::Ask(server, Asked::Work);
    let slow = if random.percent(70) {
        Behaviour::HangsBefore
    } else {
        Behaviour::HangsAfter
    };
    let mut script = match random.below(3) {
        // A server stands still in the middle of a job, loses its lease, and goes on while another is at it.
        0 => vec![
            Action::Fault(one, 1 + random.draw() % 2, Form::Stalls),
            work(one),
            Action::Passes(random.between(61, 80)),
            Action::Bank(bank, Call::Send, slow),
            work(other),
            Action::GoesOn(one),
            Action::Passes(random.between(5, 8)),
            work(other),
            work(one),
            work(other),
            Action::GoesOn(other),
        ],
        // A call takes long, and others look for work meanwhile.
        1 => vec![
            Action::Bank(bank, Call::Send, slow),
            work(one),
            Action::Passes(random.between(1, 6)),
            work(other),
            Action::Passes(random.between(1, 6)),
            work(other),
            work(other),
            Action::GoesOn(one),
        ],
        // Something is asked for and the server vanishes.
        _ => {
            let form = random.pick(&[Form::DiesBefore, Form::DiesAfter, Form::Unanswered, Form::Fails]);
            let kind = random.pick(&[Kind::Submit, Kind::Decide, Kind::Cancel, Kind::Change, Kind::Upload]);
            let kind = kind.copied().unwrap_or(Kind::Submit);
            // Every request but a payment's first has its signature noted as seen before.
            let after = if matches!(kind, Kind::Submit) { 0 } else { 1 };
            let asked = asked(random, kind, stage);
            vec![
                Action::Fault(one, after, form.copied().unwrap_or(Form::Fails)),
                Action::Ask(one, asked.clone()),
                Action::Ask(other, again(&asked)),
            ]
        }
    };
    script.reverse();
    script
}

/// The same request again.
pub fn again(asked: &Asked) -> Asked {
    match asked {
        Asked::Submit { payment, .. } => Asked::Repeat {
            payment: *payment,
            altered: false,
        },
        Asked::Upload { file, .. } => Asked::RepeatFile {
            file: *file,
            altered: false,
        },
        other => other.clone(),
    }
}

fn of_kind(random: &mut Random, kind: Kind, stage: &Stage, hanging: &[usize]) -> Action {
    let setting = &stage.setting;
    let server = 1 + random.below(setting.servers);
    let bank = 1 + random.below(setting.banks.len());
    let number = random.below(8);
    match kind {
        Kind::GoesOn => Action::GoesOn(random.pick(hanging).copied().unwrap_or(server)),
        Kind::Crash if random.percent(25) => Action::Restart(server),
        Kind::Crash => Action::Crash(server),
        Kind::Fault => {
            let after = if random.percent(50) { 0 } else { random.draw() % 4 };
            Action::Fault(server, after, form(random))
        }
        Kind::Disturb => disturb(random, bank),
        Kind::Naughty => Action::Does(bank, naughty(random, number)),
        Kind::Deed => Action::Does(bank, deed(random, number)),
        Kind::Moment => Action::Passes(random.between(1, 6)),
        Kind::Minutes => Action::Passes(random.between(10, 130)),
        Kind::Day => Action::Passes(if random.percent(40) { 700 } else { 86_400 }),
        Kind::Steps if stage.anything_hangs() => Action::Steps(random.between(-8, 8)),
        Kind::Steps => Action::Steps(random.between(-90, 9)),
        _ => Action::Ask(server, asked(random, kind, stage)),
    }
}

fn form(random: &mut Random) -> Form {
    random.pick(Form::ALL).copied().unwrap_or(Form::Fails)
}

fn disturb(random: &mut Random, bank: usize) -> Action {
    let (call, behaviours): (Call, &[Behaviour]) = match random.below(6) {
        0..=2 => (
            Call::Send,
            &[
                Behaviour::LosesRequest,
                Behaviour::LosesRequest,
                Behaviour::LosesAnswer,
                Behaviour::LosesAnswer,
                Behaviour::HangsBefore,
                Behaviour::HangsBefore,
                Behaviour::HangsAfter,
                Behaviour::Refuses,
                Behaviour::Babbles,
            ],
        ),
        3 | 4 => (
            Call::Inquire,
            &[
                Behaviour::LosesAnswer,
                Behaviour::LosesAnswer,
                Behaviour::HangsBefore,
                Behaviour::HangsAfter,
                Behaviour::Babbles,
            ],
        ),
        _ => (
            Call::Collect,
            &[
                Behaviour::LosesAnswer,
                Behaviour::HangsAfter,
                Behaviour::Tears,
                Behaviour::Tears,
            ],
        ),
    };
    Action::Bank(
        bank,
        call,
        random.pick(behaviours).copied().unwrap_or(Behaviour::LosesAnswer),
    )
}

fn deed(random: &mut Random, number: usize) -> Deed {
    match random.below(22) {
        0..=7 => Deed::Books(number),
        8 => Deed::BooksPart(number),
        9 | 10 => Deed::Returns(number),
        11 => Deed::Rejects(number),
        12 => Deed::Reports(number),
        13..=15 => Deed::Notifies,
        16..=18 => Deed::States,
        19 => Deed::Decides(random.percent(60)),
        20 => Deed::Postpones,
        _ => Deed::HandsOver,
    }
}

fn naughty(random: &mut Random, number: usize) -> Deed {
    match random.below(9) {
        0 => Deed::BooksMore(number),
        1 => Deed::BooksTwice(number),
        2 => Deed::BooksRejected(number),
        3 => Deed::Foreign(random.between(-5_000, 5_000)),
        4 | 5 => Deed::Repeats(random.below(40)),
        6 => Deed::Alters(number),
        7 => Deed::Withholds,
        _ => Deed::Reports(number),
    }
}

fn minor(random: &mut Random) -> i64 {
    match random.below(3) {
        0 => random.between(1, 999),
        1 => random.between(1_000, 49_999),
        _ => random.between(50_000, 99_999),
    }
}

/// A payment that the platform has, rather one that still moves.
fn known(random: &mut Random, stage: &Stage) -> usize {
    let all: Vec<usize> = stage
        .model
        .payments
        .iter()
        .filter(|(_, paid)| paid.id.is_some())
        .map(|(payment, _)| *payment)
        .collect();
    let moving: Vec<usize> = all
        .iter()
        .copied()
        .filter(|payment| stage.model.payments[payment].ended.is_none())
        .collect();
    let from = if random.percent(85) { &moving } else { &all };
    random.pick(from).copied().unwrap_or(1)
}

fn somebody(random: &mut Random, setting: &Setting) -> Who {
    if random.percent(70) {
        Who::Client
    } else {
        Who::Member(1 + random.below(setting.members))
    }
}

fn asked(random: &mut Random, kind: Kind, stage: &Stage) -> Asked {
    let setting = &stage.setting;
    let payment = known(random, stage);
    let next = stage.model.payments.keys().max().map_or(1, |last| last + 1);
    let bank = 1 + random.below(setting.banks.len());
    match kind {
        Kind::Submit => Asked::Submit {
            who: somebody(random, setting),
            payment: next,
            minor: minor(random),
            creditor: 1 + random.below(9),
            bank,
            days: if random.percent(75) { 0 } else { random.between(1, 6) },
            like: random.percent(12).then(|| 1 + random.below(next)),
        },
        Kind::Upload => {
            let count = 2 + random.below(3);
            Asked::Upload {
                file: stage.model.files.len() + 1,
                bank,
                days: if random.percent(70) { 0 } else { random.between(1, 5) },
                together: random.percent(70),
                payments: (next..next + count).map(|payment| (payment, minor(random))).collect(),
            }
        }
        Kind::Repeat if random.percent(25) => Asked::RepeatFile {
            file: 1 + random.below(stage.model.files.len()),
            altered: false,
        },
        Kind::Repeat => Asked::Repeat {
            payment: 1 + random.below(next),
            altered: false,
        },
        Kind::Doubt => match random.below(6) {
            0 | 1 => Asked::Repeat { payment, altered: true },
            2 | 3 => Asked::Replay {
                payment: 1 + random.below(next),
            },
            4 => Asked::RepeatFile {
                file: 1 + random.below(stage.model.files.len()),
                altered: true,
            },
            _ => Asked::Decide {
                member: 1 + random.below(setting.members),
                payment,
                yes: true,
                unseen: random.percent(50),
                anew: true,
            },
        },
        Kind::Decide => Asked::Decide {
            member: 1 + random.below(setting.members),
            payment,
            yes: !random.percent(4),
            unseen: random.percent(2),
            anew: random.percent(5),
        },
        Kind::Change => Asked::Change {
            who: somebody(random, setting),
            payment,
            minor: minor(random),
        },
        Kind::Cancel => Asked::Cancel { payment },
        Kind::Recall => Asked::Recall {
            payment,
            number: random.below(3),
        },
        Kind::Confirm => Asked::Confirm { payment },
        Kind::Resolve => Asked::Resolve {
            number: random.below(8),
            accept: random.percent(50),
        },
        Kind::Policy => Asked::Policy(draw_policy(random, setting.approvers)),
        Kind::Seal => Asked::Seal,
        Kind::Publish => Asked::Publish(match random.below(4) {
            0 => Publication::NotApplied,
            1 => Publication::AnswerLost,
            _ => Publication::Done,
        }),
        _ => Asked::Work,
    }
}
