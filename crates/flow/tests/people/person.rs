//! Somebody with a browser and an authenticator app.

use flow::Error;
use flow::join::{First, Joining};
use flow::members::Invite;
use flow::rights::Role;
use flow::sessions::Found;
use flow::sign_in::Visitor;
use identity::credential::totp;
use testkit::house::House;
use vocab::secret::Secret;

/// A password that nobody would guess.
pub(crate) const PASSWORD: &str = "nine green pears at dawn";

/// A person who has come in.
pub(crate) struct Person {
    pub(crate) email: String,
    /// What the browser holds.
    pub(crate) secret: String,
    /// What the app holds.
    app: Secret,
    pub(crate) codes: Vec<String>,
}

pub(crate) fn visitor() -> Visitor {
    Visitor {
        source: "192.0.2.1".to_owned(),
        agent: "Testing/1.0".to_owned(),
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec())
}

/// Uses a link.
pub(crate) async fn join(house: &House, link: &str, first: Option<First>) -> Result<String, Error> {
    let joining = Joining {
        password: secret(PASSWORD),
        first,
        visitor: visitor(),
    };
    flow::join::join(&house.platform, link, joining).await
}

pub(crate) fn first(email: &str) -> First {
    First {
        name: "Grace".to_owned(),
        email: email.to_owned(),
        organization: String::new(),
    }
}

impl Person {
    /// The first administrator, who is treasurer as well.
    pub(crate) async fn first(house: &House) -> Self {
        let link = flow::links::setup(&house.platform, Some(house.organization))
            .await
            .unwrap();
        let half = join(house, &link.unwrap(), Some(first("grace@example.com")))
            .await
            .unwrap();
        Self::enrol(house, "grace@example.com", &half).await
    }

    /// Somebody whom this administrator invites.
    pub(crate) async fn invite(&self, house: &House, name: &str, roles: &[Role]) -> Self {
        let email = format!("{}@example.com", name.to_lowercase());
        let invite = Invite {
            name: name.to_owned(),
            email: email.clone(),
            roles: roles.iter().copied().collect(),
        };
        let session = self.session(house).await;
        let link = flow::members::invite(&house.platform, &session, invite, &self.code(house))
            .await
            .unwrap();
        let half = join(house, &link, None).await.unwrap();
        Self::enrol(house, &email, &half).await
    }

    /// Connects an app to a half-open session.
    pub(crate) async fn enrol(house: &House, email: &str, half: &str) -> Self {
        let session = flow::sessions::find(&house.platform, half, true)
            .await
            .unwrap()
            .unwrap();
        let enrolment = flow::enrol::begin(&house.platform, &session, "House").await.unwrap();
        let app = Secret::new(unbase32(&enrolment.readable));
        let code = totp::code(&app, totp::step_at(house.platform.wall()));
        let enrolled = flow::enrol::confirm(&house.platform, &session, &code).await.unwrap();
        house.clock.advance_seconds(30);
        Self {
            email: email.to_owned(),
            secret: enrolled.secret,
            app,
            codes: enrolled.codes,
        }
    }

    /// The session that the browser's secret opens.
    pub(crate) async fn session(&self, house: &House) -> Found {
        flow::sessions::find(&house.platform, &self.secret, true)
            .await
            .unwrap()
            .unwrap()
    }

    /// What the app shows now.
    pub(crate) fn code(&self, house: &House) -> String {
        totp::code(&self.app, totp::step_at(house.platform.wall()))
    }

    /// Address and password; the secret of a half-open session.
    pub(crate) async fn half_in(&self, house: &House) -> Result<String, Error> {
        flow::sign_in::password(&house.platform, &self.email, secret(PASSWORD), visitor()).await
    }
}

fn unbase32(text: &str) -> Vec<u8> {
    let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
    let (mut bits, mut held, mut bytes) = (0, 0_u32, Vec::new());
    for letter in letters {
        let value = if letter.is_ascii_digit() {
            letter - b'2' + 26
        } else {
            letter - b'A'
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    bytes
}
