//! Roots and proofs of trees of random sizes against the definitions of RFC 6962, and proofs with one thing changed.

use evidence::frontier::{Frontier, SIZE_MAX};
use evidence::hash::{Hash, node_hash};
use evidence::tree::{HashReader as _, TreeError, complete_subtrees, prove_consistency, prove_inclusion, read_root};
use evidence::verify::{Unproven, verify_consistency, verify_inclusion};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::fixtures::{InMemory, leaves, path, root, subproof};

fn flipped(hash: &Hash, bit: Index) -> Hash {
    let bit = bit.index(256);
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

fn number(size: usize) -> u64 {
    u64::try_from(size).unwrap()
}

#[test]
fn all_proofs_of_all_small_trees_are_those_of_the_rfc() {
    let all = leaves(70);
    for size in 1..=all.len() {
        let tree = &all[..size];
        let (n, top) = (number(size), root(tree));
        assert_eq!(read_root(&mut InMemory(&all), n).unwrap(), top);
        for (index, leaf) in tree.iter().enumerate() {
            let proof = prove_inclusion(&mut InMemory(&all), number(index), n).unwrap();
            assert_eq!(proof, path(index, tree), "leaf {index} of {size}");
            verify_inclusion(leaf, number(index), n, &proof, &top).unwrap();
        }
        for old in 1..=size {
            let proof = prove_consistency(&mut InMemory(&all), number(old), n).unwrap();
            assert_eq!(proof, subproof(old, tree, true), "{old} to {size}");
            verify_consistency(number(old), &root(&all[..old]), n, &top, &proof).unwrap();
        }
    }
}

#[test]
fn nothing_is_proven_outside_the_tree() {
    let all = leaves(4);
    assert_eq!(
        prove_inclusion(&mut InMemory(&all), 4, 4),
        Err(TreeError::IndexOutside { index: 4, size: 4 })
    );
    for (old_size, new_size) in [(0, 4), (0, 0), (4, 3)] {
        let refused = Err(TreeError::SizesOutOfOrder { old_size, new_size });
        assert_eq!(prove_consistency(&mut InMemory(&all), old_size, new_size), refused);
    }
    assert_eq!(read_root(&mut InMemory(&[]), 0), Ok(Hash::EMPTY_TREE));
    let empty = Hash::EMPTY_TREE;
    assert_eq!(verify_inclusion(&empty, 0, 0, &[], &empty), Err(Unproven::IndexOutside));
    assert_eq!(
        verify_consistency(0, &empty, 0, &empty, &[]),
        Err(Unproven::SizesOutOfOrder)
    );
}

#[test]
fn a_node_does_not_pass_for_a_leaf() {
    // Second preimage: a tree of two shown as a tree of one, whose entry is what the root hashes.
    let all = leaves(2);
    let joined = [all[0].as_bytes().as_slice(), all[1].as_bytes()].concat();
    let claimed = evidence::hash::leaf_hash(&joined);
    assert_ne!(claimed, node_hash(&all[0], &all[1]));
}

#[test]
fn the_largest_sizes_neither_overflow_nor_verify() {
    let hash = Hash::from_bytes([3; 32]);
    let path = vec![hash; 64];
    for size in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) + 1] {
        for index in [0, 1, size / 2, size - 1] {
            for length in [0, 1, 63, 64] {
                assert!(verify_inclusion(&hash, index, size, &path[..length], &hash).is_err());
                assert!(verify_consistency(index.max(1), &hash, size, &hash, &path[..length]).is_err());
            }
        }
        assert_eq!(
            complete_subtrees(size).len(),
            usize::try_from(size.count_ones()).unwrap()
        );
    }
    assert!(Frontier::from_hashes(SIZE_MAX, vec![hash]).is_ok());
    assert!(Frontier::from_hashes(SIZE_MAX + 1, vec![hash; 2]).is_err());
    assert!(Frontier::from_hashes(3, vec![hash]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn one_flipped_bit_ends_an_inclusion_proof(size in 1usize..600, at: Index, which: Index, bit: Index) {
        let tree = leaves(size);
        let index = at.index(size);
        let mut hashes = path(index, &tree);
        hashes.extend([tree[index], root(&tree)]);
        let holds = |hashes: &[Hash]| {
            let (path, ends) = hashes.split_at(hashes.len() - 2);
            verify_inclusion(&ends[0], number(index), number(size), path, &ends[1]).is_ok()
        };
        prop_assert!(holds(&hashes));
        let which = which.index(hashes.len());
        hashes[which] = flipped(&hashes[which], bit);
        prop_assert!(!holds(&hashes));
    }

    #[test]
    fn one_flipped_bit_ends_a_consistency_proof(size in 2usize..600, at: Index, which: Index, bit: Index) {
        let tree = leaves(size);
        let old = 1 + at.index(size - 1);
        let mut hashes = subproof(old, &tree, true);
        hashes.extend([root(&tree[..old]), root(&tree)]);
        let holds = |hashes: &[Hash]| {
            let (path, ends) = hashes.split_at(hashes.len() - 2);
            verify_consistency(number(old), &ends[0], number(size), &ends[1], path).is_ok()
        };
        prop_assert!(holds(&hashes));
        let which = which.index(hashes.len());
        hashes[which] = flipped(&hashes[which], bit);
        prop_assert!(!holds(&hashes));
    }

    #[test]
    fn a_proof_is_for_one_index_and_one_length(size in 2usize..600, at: Index, other: Index) {
        let tree = leaves(size);
        let (index, other) = (at.index(size), other.index(size));
        let (top, mut proof) = (root(&tree), path(index, &tree));
        let holds = |index: usize, proof: &[Hash]| {
            verify_inclusion(&tree[at.index(size)], number(index), number(size), proof, &top).is_ok()
        };
        prop_assert_eq!(holds(other, &proof), other == index);
        prop_assert!(!holds(index, &proof[..proof.len() - 1]));
        prop_assert!(!holds(index, &proof[1..]));
        proof.push(top);
        prop_assert!(!holds(index, &proof));
    }

    #[test]
    fn a_rewritten_entry_is_not_consistent(size in 2usize..400, at: Index, victim: Index) {
        let tree = leaves(size);
        let old = 1 + at.index(size - 1);
        let mut rewritten = tree.clone();
        rewritten[victim.index(old)] = Hash::from_bytes([9; 32]);
        let proof = subproof(old, &rewritten, true);
        let (old_root, new_root) = (root(&tree[..old]), root(&rewritten));
        prop_assert!(verify_consistency(number(old), &old_root, number(size), &new_root, &proof).is_err());
    }

    #[test]
    fn the_frontier_appends_what_the_definition_says(first in 0usize..300, more in 0usize..300) {
        let tree = leaves(first + more);
        let kept = InMemory(&tree).read(&complete_subtrees(number(first))).unwrap();
        let mut frontier = Frontier::from_hashes(number(first), kept).unwrap();
        let mut completed = Vec::new();
        for leaf in &tree[first..] {
            frontier.push(*leaf, |subtree, hash| completed.push((subtree, hash)));
        }
        prop_assert_eq!(frontier.root(), root(&tree));
        prop_assert_eq!(frontier.size(), number(tree.len()));
        let (subtrees, hashes): (Vec<_>, Vec<_>) = completed.into_iter().unzip();
        prop_assert_eq!(InMemory(&tree).read(&subtrees).unwrap(), hashes);
        prop_assert!(subtrees.len() <= 2 * more + 9, "{} hashes for {} leaves", subtrees.len(), more);
    }
}
