//! Permissions: roles, what each may do, and the separations of duty that no role lifts.
//!
//! Default is no. A member may do what one of their roles permits, unless a separation of duty forbids it. Each refusal names its rule and
//! the roles that could help. The whole table is a golden file; why it is ours is in `docs/decisions/0012`.

use crate::member::MemberState;
use std::collections::BTreeSet;
use vocab::context::Actor;
use vocab::id::MemberId;

macro_rules! named {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $each:literal])+ $variant:ident = $text:literal;)+ }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $each])+ $variant,)+ }

        impl $name {
            /// All of them, in the order of the guide.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Stable name, as rows, events and the command line have it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Back from its name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }

            /// What it means, as a sentence for people.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($each),+).trim_ascii(),)+ }
            }
        }
    };
}

named! {
    /// What somebody does in an organization. A member may have several.
    Role {
        /// Invites and deactivates members and grants roles. Handles no payments.
        Administrator = "administrator";
        /// Submits, changes and approves payments, and reconciles.
        Treasurer = "treasurer";
        /// Submits and changes payments.
        Maker = "maker";
        /// Approves payments that others made.
        Approver = "approver";
        /// Takes statements in and resolves exceptions.
        Reconciler = "reconciler";
        /// Reads payments to judge their risk.
        RiskAnalyst = "risk_analyst";
        /// Sees who may do what, and shuts members out.
        SecurityOfficer = "security_officer";
        /// Reads everything and changes nothing.
        Auditor = "auditor";
        /// Reads payments and moves the test clock.
        Developer = "developer";
        /// Reads payments to answer questions about them.
        Support = "support";
    }
}

named! {
    /// What can be permitted.
    Action {
        /// Read payments, files, accounts, the ledger, statements and exceptions.
        ReadPayments = "payments.read";
        /// Submit payments.
        SubmitPayment = "payment.submit";
        /// Change, cancel and recall payments, and confirm that they are no duplicates.
        ChangePayment = "payment.change";
        /// Approve or decline payments.
        ApprovePayment = "payment.approve";
        /// Take statements in and resolve exceptions.
        Reconcile = "statement.reconcile";
        /// Read the log of everything that happened.
        ReadLog = "log.read";
        /// See who the members are.
        ReadMembers = "members.read";
        /// Invite people.
        InviteMember = "member.invite";
        /// Shut a member out for good.
        DeactivateMember = "member.deactivate";
        /// Grant a role to a member, or withdraw it.
        GrantRole = "role.grant";
        /// See who may do what and when they last did.
        ReadAccess = "access.read";
        /// Move the clock of the test world.
        MoveTestClock = "test_clock.move";
        /// See which backups there are, and which of them are known to be good.
        ReadBackups = "backups.read";
    }
}

impl Role {
    /// What the role permits.
    pub fn permits(self) -> &'static [Action] {
        use Action::{
            ApprovePayment, ChangePayment, DeactivateMember, GrantRole, InviteMember, MoveTestClock, ReadAccess,
            ReadBackups, ReadLog, ReadMembers, ReadPayments, Reconcile, SubmitPayment,
        };
        match self {
            Self::Administrator => &[
                ReadLog,
                ReadMembers,
                InviteMember,
                DeactivateMember,
                GrantRole,
                ReadAccess,
                ReadBackups,
            ],
            Self::Treasurer => &[
                ReadPayments,
                SubmitPayment,
                ChangePayment,
                ApprovePayment,
                Reconcile,
                ReadLog,
                ReadMembers,
                MoveTestClock,
            ],
            Self::Maker => &[ReadPayments, SubmitPayment, ChangePayment],
            Self::Approver => &[ReadPayments, ApprovePayment],
            Self::Reconciler => &[ReadPayments, Reconcile],
            Self::RiskAnalyst | Self::Support => &[ReadPayments],
            Self::SecurityOfficer => &[ReadLog, ReadMembers, DeactivateMember, ReadAccess, ReadBackups],
            Self::Auditor => &[ReadPayments, ReadLog, ReadMembers, ReadAccess, ReadBackups],
            Self::Developer => &[ReadPayments, MoveTestClock],
        }
    }

    /// The roles that permit an action.
    pub fn permitting(action: Action) -> impl Iterator<Item = Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(move |role| role.permits().contains(&action))
    }

    /// The name for people.
    pub fn title(self) -> String {
        self.name().replace('_', " ")
    }
}

/// What the action is about, as far as a separation of duty looks at it.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// Nothing in particular.
    Nothing,
    /// A member: to deactivate them, or to grant or withdraw a role.
    Member(MemberId),
    /// The last administrator: to deactivate them, or to withdraw that role.
    LastAdministrator(MemberId),
    /// A payment, with everybody who made or changed it.
    Payment(&'a [Actor]),
}

/// Everything a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who asks.
    pub member: MemberId,
    /// Where they stand.
    pub state: MemberState,
    /// Their roles.
    pub roles: &'a BTreeSet<Role>,
    /// What they want to do.
    pub action: Action,
    /// What about.
    pub about: About<'a>,
}

/// Which rule refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Rule {
    /// Invited and deactivated members may nothing.
    #[error("only an active member may do anything")]
    ActiveMembersOnly,
    /// None of their roles permits it.
    #[error("none of the member's roles permits this")]
    RolePermits,
    /// Maker is not checker.
    #[error("who made or changed a payment may not approve it")]
    MakerIsNotChecker,
    /// Nobody changes their own roles, nor shuts themselves out.
    #[error("nobody changes their own roles or standing")]
    NotOneself,
    /// Without an administrator nobody could be invited any more.
    #[error("an organization keeps at least one administrator")]
    LastAdministrator,
}

impl Rule {
    /// Every rule, in the order in which they are asked.
    pub const ALL: [Self; 5] = [
        Self::ActiveMembersOnly,
        Self::RolePermits,
        Self::MakerIsNotChecker,
        Self::NotOneself,
        Self::LastAdministrator,
    ];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ActiveMembersOnly => "active_members_only",
            Self::RolePermits => "role_permits",
            Self::MakerIsNotChecker => "maker_is_not_checker",
            Self::NotOneself => "not_oneself",
            Self::LastAdministrator => "last_administrator",
        }
    }
}

/// Decides. The role that permits it, or the rule that refuses.
pub fn decide(asked: &Asked<'_>) -> Result<Role, Rule> {
    if asked.state != MemberState::Active {
        return Err(Rule::ActiveMembersOnly);
    }
    let role = Role::permitting(asked.action).find(|role| asked.roles.contains(role));
    let role = role.ok_or(Rule::RolePermits)?;
    separated(asked).map_or(Ok(role), Err)
}

/// The separation of duty that stands in the way, if one does.
fn separated(asked: &Asked<'_>) -> Option<Rule> {
    let oneself = |member| (member == asked.member).then_some(Rule::NotOneself);
    match (asked.action, asked.about) {
        (Action::ApprovePayment, About::Payment(made)) => made
            .contains(&Actor::Member(asked.member))
            .then_some(Rule::MakerIsNotChecker),
        (Action::GrantRole | Action::DeactivateMember, About::Member(member)) => oneself(member),
        (Action::GrantRole | Action::DeactivateMember, About::LastAdministrator(member)) => {
            oneself(member).or(Some(Rule::LastAdministrator))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(number: i64) -> MemberId {
        MemberId::from_i64(number)
    }

    fn all_roles() -> BTreeSet<Role> {
        Role::ALL.iter().copied().collect()
    }

    fn asked<'a>(roles: &'a BTreeSet<Role>, action: Action, about: About<'a>) -> Asked<'a> {
        Asked {
            member: member(1),
            state: MemberState::Active,
            roles,
            action,
            about,
        }
    }

    #[test]
    fn without_a_role_nothing_is_permitted() {
        let none = BTreeSet::new();
        for action in Action::ALL {
            assert_eq!(decide(&asked(&none, *action, About::Nothing)), Err(Rule::RolePermits));
        }
    }

    #[test]
    fn who_is_invited_or_deactivated_may_nothing_whatever_their_roles() {
        let roles = all_roles();
        for state in [MemberState::Invited, MemberState::Deactivated] {
            for action in Action::ALL {
                let asked = Asked {
                    state,
                    ..asked(&roles, *action, About::Nothing)
                };
                assert_eq!(decide(&asked), Err(Rule::ActiveMembersOnly));
            }
        }
    }

    /// Every set of roles there is: 2^10.
    fn every_set_of_roles() -> impl Iterator<Item = BTreeSet<Role>> {
        (0_u32..1 << Role::ALL.len()).map(|bits| {
            let chosen = Role::ALL
                .iter()
                .enumerate()
                .filter(|(place, _)| bits & (1 << place) != 0);
            chosen.map(|(_, role)| *role).collect()
        })
    }

    #[test]
    fn maker_is_never_checker_whatever_the_roles() {
        let made = [Actor::System, Actor::Member(member(1))];
        for roles in every_set_of_roles() {
            let asked = asked(&roles, Action::ApprovePayment, About::Payment(&made));
            assert!(decide(&asked).is_err(), "{roles:?}");
        }
    }

    #[test]
    fn nobody_changes_their_own_roles_or_standing_whatever_the_roles() {
        for roles in every_set_of_roles() {
            for action in [Action::GrantRole, Action::DeactivateMember] {
                assert!(
                    decide(&asked(&roles, action, About::Member(member(1)))).is_err(),
                    "{roles:?}"
                );
            }
        }
    }

    #[test]
    fn the_last_administrator_stays() {
        let roles = all_roles();
        for action in [Action::GrantRole, Action::DeactivateMember] {
            let last = About::LastAdministrator(member(2));
            assert_eq!(decide(&asked(&roles, action, last)), Err(Rule::LastAdministrator));
            assert!(decide(&asked(&roles, action, About::Member(member(2)))).is_ok());
        }
    }

    #[test]
    fn more_roles_never_permit_less() {
        let made = [Actor::System];
        for roles in every_set_of_roles() {
            for action in Action::ALL {
                let any_alone = roles.iter().any(|role| role.permits().contains(action));
                assert_eq!(
                    decide(&asked(&roles, *action, About::Payment(&made))).is_ok(),
                    any_alone
                );
            }
        }
    }

    #[test]
    fn an_auditor_only_reads() {
        let reading = [
            Action::ReadPayments,
            Action::ReadLog,
            Action::ReadMembers,
            Action::ReadAccess,
            Action::ReadBackups,
        ];
        assert!(Role::Auditor.permits().iter().all(|action| reading.contains(action)));
        assert!(reading.iter().all(|action| Role::Auditor.permits().contains(action)));
    }

    #[test]
    fn no_role_handles_both_payments_and_people() {
        for role in Role::ALL {
            let people = role
                .permits()
                .iter()
                .any(|action| matches!(action, Action::GrantRole | Action::InviteMember));
            let payments = role.permits().iter().any(|action| {
                matches!(
                    action,
                    Action::SubmitPayment | Action::ChangePayment | Action::ApprovePayment
                )
            });
            assert!(!(people && payments), "{}", role.name());
        }
    }
}
