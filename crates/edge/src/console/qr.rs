//! A picture for an authenticator app to read: a QR code as one path, so that the page needs no style and no script for it.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// Modules of quiet around the code (ISO/IEC 18004 section 9.1).
const QUIET: usize = 4;

/// The picture; nothing when the text does not fit into one.
pub(super) fn picture(text: &str, words: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, path) = (code.width(), path(&code));
    let side = width + 2 * QUIET;
    Some(html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(words) shape-rendering="crispEdges" {
            rect.paper width=(side) height=(side) {}
            path.ink d=(path) {}
        }
    })
}

/// One stroke for each run of dark modules in a line.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for (line, modules) in code.to_colors().chunks(code.width()).enumerate() {
        let mut begun = None;
        for (place, color) in modules.iter().copied().chain([Color::Light]).enumerate() {
            match (color, begun) {
                (Color::Dark, None) => begun = Some(place),
                (Color::Light, Some(from)) => {
                    // Writing to a text does not fail.
                    let _ = write!(
                        path,
                        "M{} {}h{}v1h-{}z",
                        from + QUIET,
                        line + QUIET,
                        place - from,
                        place - from
                    );
                    begun = None;
                }
                (Color::Dark, Some(_)) | (Color::Light, None) => {}
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_the_finder_patterns_of_a_code() {
        let picture = picture("otpauth://totp/x:y?secret=GEZDGNBV", "for the app")
            .unwrap()
            .into_string();
        // The first line of the first pattern: seven dark modules after the quiet zone.
        assert!(picture.contains("M4 4h7v1h-7z"), "{picture}");
        assert!(!picture.contains("style=") && picture.contains("aria-label=\"for the app\""));
    }

    #[test]
    fn what_does_not_fit_has_no_picture() {
        assert!(picture(&"x".repeat(3_000), "").is_none());
    }
}
