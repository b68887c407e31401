//! "Did you mean": the known name nearest to a mistyped one.

/// The candidate that a person most probably meant, if one is near enough: one wrong letter in five, at most two.
pub(crate) fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = name.chars().count().div_ceil(5).min(2);
    let distance_to = |candidate: &'c str| (distance(name, candidate), candidate);
    candidates
        .map(distance_to)
        .min()
        .filter(|(distance, _)| *distance <= allowed)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, delete or replace (Levenshtein), capitals counting as small letters. Names longer than any of ours are far.
fn distance(one: &str, other: &str) -> usize {
    const LENGTH_MAX: usize = 64;
    if one.len() > LENGTH_MAX || other.len() > LENGTH_MAX {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, candidate) in row.iter_mut().skip(1).zip(other.chars()) {
            let replaced = diagonal.saturating_add(usize::from(!letter.eq_ignore_ascii_case(&candidate)));
            diagonal = *cell;
            *cell = replaced.min(cell.saturating_add(1)).min(left.saturating_add(1));
            left = *cell;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_the_right_one() {
        let names = ["EndToEndId", "InstrId", "UETR"];
        assert_eq!(nearest("EndToEndID", names.into_iter()), Some("EndToEndId"));
        assert_eq!(nearest("EndToEnd", names.into_iter()), Some("EndToEndId"));
        assert_eq!(nearest("Instr", names.into_iter()), None);
        assert_eq!(nearest("Nonsense", names.into_iter()), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
