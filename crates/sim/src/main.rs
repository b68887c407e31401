//! `sim`: runs seeds, shows what fails as a short plan that can be replayed, and finds planted bugs.
//!
//! Progress goes to standard error, results to standard output. Runs in one process go one after the other; more at a time are more
//! processes.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a command line tool talks to its user and measures itself"
)]

use serde_json::{Value, json};
use sim::plan::Plan;
use sim::planted::Bug;
use sim::run::{self, Outcome};
use sim::shrink::shrink;
use sim::steps::{Way, broken};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

const HELP: &str = "\
sim [--seeds N] [--seed S] [--minutes M] [--jobs J] [--json] [--bugs] [--steps] [--bug NAME] [--trace] [--save DIR] [PLAN ...]

  --seeds N     so many seeds (100), or for each planted bug so many at most
  --seed S      from this one on (1)
  --minutes M   stop after so many minutes
  --jobs J      so many processes
  --json        the last line is {\"seeds\",\"failures\",\"failing\":[…]}
  --bugs        plant each bug in turn, and count the seeds until it is found
  --steps       break one journey at every commit and every call to a bank, in every form
  --bug NAME    plant this bug
  --trace       show everything that happens
  --save DIR    write shrunk plans there
  PLAN          carry out these files instead of seeds
";

/// Runs of one shrinking at most.
const SHRINK_RUNS: usize = 400;
/// Failing seeds that are shrunk; more say the same.
const SHRUNK_MAX: usize = 3;
/// Time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
struct Wish {
    seeds: u64,
    seed: u64,
    minutes: Option<u64>,
    jobs: u64,
    json: bool,
    bugs: bool,
    steps: bool,
    bug: Option<Bug>,
    trace: bool,
    save: Option<PathBuf>,
    plans: Vec<String>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let wish = match wish(&words) {
        Ok(Some(wish)) => wish,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("sim: {message}");
            return ExitCode::FAILURE;
        }
    };
    let good = if wish.bugs {
        bugs(&wish)
    } else if wish.steps {
        steps()
    } else if !wish.plans.is_empty() {
        plans(&wish)
    } else if wish.jobs > 1 {
        shared(&wish)
    } else {
        seeds(&wish)
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn wish(words: &[String]) -> Result<Option<Wish>, String> {
    let mut wish = Wish {
        seeds: 100,
        seed: 1,
        minutes: None,
        jobs: 1,
        json: false,
        bugs: false,
        steps: false,
        bug: None,
        trace: false,
        save: None,
        plans: Vec::new(),
    };
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let mut number = || {
            let value = words.next().and_then(|value| value.parse().ok());
            value.ok_or_else(|| format!("`{word}` takes a number"))
        };
        match word {
            "--seeds" => wish.seeds = number()?,
            "--seed" => wish.seed = number()?,
            "--minutes" => wish.minutes = Some(number()?),
            "--jobs" => wish.jobs = number()?,
            "--json" => wish.json = true,
            "--bugs" => wish.bugs = true,
            "--steps" => wish.steps = true,
            "--trace" => wish.trace = true,
            "--bug" => {
                let name = words.next().unwrap_or_default();
                wish.bug = Some(Bug::from_name(name).ok_or_else(|| format!("there is no bug `{name}` to plant"))?);
            }
            "--save" => wish.save = Some(PathBuf::from(words.next().unwrap_or("."))),
            "--help" | "-h" => return Ok(None),
            option if option.starts_with('-') => {
                return Err(format!("`{option}` is not known; `--help` lists what is"));
            }
            plan => wish.plans.push(plan.to_owned()),
        }
    }
    // With a time and no number of seeds, the time decides.
    if wish.minutes.is_some() && wish.seeds == 100 {
        wish.seeds = u64::MAX / 2;
    }
    Ok(Some(wish))
}

/// Shows how a failing plan goes.
fn show(outcome: &Outcome) {
    for line in &outcome.trace {
        println!("    {line}");
    }
}

fn seeds(wish: &Wish) -> bool {
    let begun = Instant::now();
    let until = wish.minutes.map(|minutes| begun + Duration::from_secs(minutes * 60));
    let (mut done, mut failing, mut told) = (0_u64, Vec::new(), begun);
    for seed in wish.seed..wish.seed.saturating_add(wish.seeds) {
        if until.is_some_and(|until| Instant::now() > until) {
            break;
        }
        let (plan, outcome) = run::of_seed(seed, wish.bug);
        done += 1;
        if wish.trace {
            show(&outcome);
        }
        if let Some(violation) = outcome.first() {
            println!("seed {seed}: {violation}");
            if failing.len() < SHRUNK_MAX {
                let small = shrink(&plan, wish.bug, SHRINK_RUNS);
                let outcome = run::of_plan(&small, wish.bug);
                println!("# {} of {} actions are needed", small.actions.len(), plan.actions.len());
                let heading = outcome.first().map(ToString::to_string).unwrap_or_default();
                println!("# {heading}\n{small}");
                save(wish, &format!("seed-{seed}"), &heading, &small);
            }
            failing.push(seed);
        }
        if told.elapsed() > PROGRESS {
            told = Instant::now();
            eprintln!(
                "{done} seeds, {} failing, {} s",
                failing.len(),
                begun.elapsed().as_secs()
            );
        }
    }
    let took = begun.elapsed();
    let per_second = done.saturating_mul(1_000) / u64::try_from(took.as_millis()).unwrap_or(1).max(1);
    eprintln!("{done} seeds in {} s, {per_second} a second", took.as_secs());
    summary(wish, done, &failing)
}

/// Keeps a plan, if that is wanted.
fn save(wish: &Wish, name: &str, heading: &str, plan: &Plan) {
    if let Some(folder) = &wish.save {
        let path = folder.join(format!("{name}.journey"));
        if let Err(error) = std::fs::write(&path, format!("# {heading}\n{plan}")) {
            eprintln!("{} could not be written: {error}", path.display());
        }
    }
}

fn summary(wish: &Wish, done: u64, failing: &[u64]) -> bool {
    if wish.json {
        let (failures, failing) = (failing.len(), json!(failing));
        println!("{{\"seeds\":{done},\"failures\":{failures},\"failing\":{failing}}}");
    } else {
        println!("{done} seeds, {} failing", failing.len());
    }
    failing.is_empty()
}

/// Shares the seeds among processes.
fn shared(wish: &Wish) -> bool {
    let share = wish.seeds.div_ceil(wish.jobs);
    let me = std::env::current_exe();
    let children: Vec<_> = (0..wish.jobs)
        .filter_map(|job| {
            let mut command = Command::new(me.as_ref().ok()?);
            let first = wish.seed.saturating_add(job.saturating_mul(share));
            command.args(["--seeds", &share.to_string(), "--seed", &first.to_string(), "--json"]);
            if let Some(minutes) = wish.minutes {
                command.args(["--minutes", &minutes.to_string()]);
            }
            if let Some(bug) = wish.bug {
                command.args(["--bug", bug.name()]);
            }
            command.stdout(Stdio::piped()).spawn().ok()
        })
        .collect();
    let (mut done, mut failing, mut good) = (0, Vec::new(), !children.is_empty());
    for child in children {
        let Ok(output) = child.wait_with_output() else {
            good = false;
            continue;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (before, last) = text.trim_end().rsplit_once('\n').unwrap_or(("", text.trim_end()));
        if !before.is_empty() {
            println!("{before}");
        }
        let Ok(counted) = serde_json::from_str::<Value>(last) else {
            println!("{last}");
            good = false;
            continue;
        };
        done += counted.get("seeds").and_then(Value::as_u64).unwrap_or(0);
        let list = counted.get("failing").and_then(Value::as_array);
        failing.extend(list.into_iter().flatten().filter_map(Value::as_u64));
    }
    summary(wish, done, &failing) && good
}

fn plans(wish: &Wish) -> bool {
    let mut good = true;
    for file in &wish.plans {
        let read = std::fs::read_to_string(file).map_err(|error| error.to_string());
        let plan = match read.and_then(|text| Plan::parse(&text)) {
            Ok(plan) => plan,
            Err(message) => {
                println!("{file}: {message}");
                good = false;
                continue;
            }
        };
        let outcome = run::of_plan(&plan, wish.bug);
        if wish.trace {
            show(&outcome);
        }
        match outcome.first() {
            Some(violation) => println!("{file}: {violation}"),
            None => println!("{file}: fine"),
        }
        good &= outcome.violations.is_empty();
    }
    good
}

/// Breaks one journey everywhere.
fn steps() -> bool {
    let (mut all, mut good) = (0, true);
    for way in Way::all() {
        let (runs, failing) = broken(way, 0, 1);
        println!("{way:?}: {runs} runs, {} failing", failing.len());
        for (place, rule) in &failing {
            println!("  {place}: {rule}");
        }
        all += runs;
        good &= failing.is_empty();
    }
    println!("{all} runs");
    good
}

/// Plants each bug in turn. All must be found.
fn bugs(wish: &Wish) -> bool {
    let mut good = true;
    println!("| planted bug | found after seeds | by the rule |\n| --- | --- | --- |");
    for bug in Bug::ALL
        .into_iter()
        .filter(|bug| wish.bug.is_none_or(|only| only == *bug))
    {
        let found = (0..wish.seeds).find_map(|count| {
            let (plan, outcome) = run::of_seed(wish.seed.saturating_add(count), Some(bug));
            outcome.first().map(|violation| (count + 1, violation.clone(), plan))
        });
        match &found {
            Some((count, violation, plan)) => {
                println!("| {} | {count} | {} |", bug.name(), violation.rule.name());
                if wish.save.is_some() {
                    let heading = format!("{}: {}", bug.name(), violation.rule.name());
                    let small = shrink(plan, Some(bug), SHRINK_RUNS);
                    save(wish, &bug.name().replace(' ', "-"), &heading, &small);
                }
            }
            None => println!("| {} | not within {} | |", bug.name(), wish.seeds),
        }
        good &= found.is_some();
    }
    good
}
