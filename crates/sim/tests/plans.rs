//! Plans that once failed, and plans that must fail when a bug is planted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use sim::plan::Plan;
use sim::planted::Bug;
use sim::run;
use std::path::Path;

fn plans(folder: &str) -> Vec<(String, Plan)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut plans = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "journey") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            plans.push((name, Plan::parse(&std::fs::read_to_string(&path).unwrap()).unwrap()));
        }
    }
    plans.sort_by(|one, other| one.0.cmp(&other.0));
    plans
}

#[test]
fn what_was_found_once_is_not_there_again() {
    let plans = plans("plans");
    assert!(!plans.is_empty());
    for (name, plan) in plans {
        assert_eq!(run::of_plan(&plan, None).violations, [], "{name}");
    }
}

#[test]
fn every_planted_bug_is_found_by_its_plan_and_only_when_it_is_planted() {
    let plans = plans("plans/bugs");
    for bug in Bug::ALL {
        let name = bug.name().replace(' ', "-");
        let (_, plan) = plans.iter().find(|(known, _)| *known == name).expect(&name);
        assert_ne!(run::of_plan(plan, Some(bug)).violations, [], "{name} is not found");
        assert_eq!(
            run::of_plan(plan, None).violations,
            [],
            "{name} is found without being there"
        );
    }
}
