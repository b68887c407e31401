//! `sim`: runs seeds, shows what fails as a short plan, and finds planted bugs.
#![expect(clippy::print_stdout, reason = "a command line tool talks to its user")]

use sim::run;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let from: u64 = words[0].parse().unwrap();
    let count: u64 = words[1].parse().unwrap();
    for seed in from..from + count {
        let (plan, outcome) = run::of_seed(seed, None);
        if let Some(v) = outcome.first() {
            println!("seed {seed} {} actions: {v}", plan.actions.len());
            if words.len() > 2 {
                let small = sim::shrink::shrink(&plan, None, 300);
                println!("{small}");
                let o = run::of_plan(&small, None);
                println!("{:?}\n{}", o.first(), o.trace.join("\n"));
            }
        }
    }
}
