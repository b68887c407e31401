//! Some seeds with every change; `cargo xtask sim` runs many.

use sim::plan::Plan;
use sim::run;

#[test]
fn forty_seeds_break_no_rule() {
    for seed in 1..=40 {
        let (plan, outcome) = run::of_seed(seed, None);
        assert_eq!(outcome.violations, [], "seed {seed}\n{plan}");
    }
}

#[test]
fn the_same_seed_goes_the_same_way_and_so_does_its_plan_as_text() {
    for seed in [7, 11, 300] {
        let (plan, outcome) = run::of_seed(seed, None);
        let (again, repeated) = run::of_seed(seed, None);
        assert_eq!(plan, again);
        assert_eq!(outcome.trace, repeated.trace, "seed {seed}");
        assert_eq!(outcome.hash(), repeated.hash());
        let read = Plan::parse(&plan.to_string()).unwrap();
        assert_eq!(read, plan);
        assert_eq!(run::of_plan(&read, None).hash(), outcome.hash(), "seed {seed}");
    }
}

#[test]
fn other_seeds_go_other_ways() {
    let hashes: std::collections::BTreeSet<u64> = (1..6).map(|seed| run::of_seed(seed, None).1.hash()).collect();
    assert_eq!(hashes.len(), 5);
}
