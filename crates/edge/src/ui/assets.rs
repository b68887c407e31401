//! Style sheet, script and mark of the console, embedded into the binary. Their address holds a piece of their hash, so that a
//! browser may keep them for ever and a new version is a new address.

use rust_embed::{EmbeddedFile, RustEmbed};
use std::collections::BTreeMap;
use std::sync::OnceLock;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Files;

/// Where assets are served; the name follows.
pub(crate) const FOLDER: &str = "/console/assets/";

/// Digits of the hash in an address: enough that two versions of a file never share one.
const HASH_DIGITS: usize = 16;

/// A file as it is served.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Media type.
    pub(crate) kind: &'static str,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
    /// Strong entity tag, in quotes.
    pub(crate) etag: String,
}

/// All files under the names they are served as, `console.0123456789abcdef.css`.
fn served() -> &'static BTreeMap<String, Asset> {
    static SERVED: OnceLock<BTreeMap<String, Asset>> = OnceLock::new();
    SERVED.get_or_init(|| {
        Files::iter()
            .filter_map(|name| {
                let file = Files::get(&name)?;
                let (stem, ending) = name.rsplit_once('.')?;
                let hash = hash(&file);
                let asset = Asset {
                    kind: kind(ending)?,
                    bytes: file.data.into_owned(),
                    etag: format!("\"{hash}\""),
                };
                Some((format!("{stem}.{hash}.{ending}"), asset))
            })
            .collect()
    })
}

/// The file that is served under this name.
pub(crate) fn named(name: &str) -> Option<&'static Asset> {
    served().get(name)
}

/// The address of a file of `crates/edge/assets`, such as `console.css`.
pub(crate) fn address(file: &str) -> String {
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    let name = served().keys().find(|name| {
        name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.')) && name.ends_with(&format!(".{ending}"))
    });
    format!("{FOLDER}{}", name.map_or(file, String::as_str))
}

fn hash(file: &EmbeddedFile) -> String {
    let digest = file.metadata.sha256_hash();
    let mut text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(HASH_DIGITS);
    text
}

fn kind(ending: &str) -> Option<&'static str> {
    match ending {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served_under_its_hash() {
        assert_eq!(served().len(), Files::iter().count());
        for file in ["console.css", "live.js", "mark.svg"] {
            let address = address(file);
            let name = address.strip_prefix(FOLDER).unwrap();
            assert_ne!(name, file);
            assert!(named(name).is_some(), "{address}");
            assert!(
                named(file).is_none(),
                "an address without a hash could be kept for ever and be wrong"
            );
        }
    }

    #[test]
    fn the_first_load_stays_small() {
        let all: usize = served().values().map(|asset| asset.bytes.len()).sum();
        assert!(all < 60_000, "{all} bytes uncompressed");
    }

    #[test]
    fn the_script_and_the_style_name_no_other_server() {
        for asset in served().values() {
            let text = String::from_utf8(asset.bytes.clone()).unwrap();
            let foreign = text.replace("http://www.w3.org/2000/svg", "");
            assert!(
                !foreign.contains("://") && !foreign.contains("@import"),
                "{}",
                asset.kind
            );
        }
    }
}
