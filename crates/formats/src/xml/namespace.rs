//! Namespaces in scope while a document is read (Namespaces in XML 1.0).
//!
//! Only one question matters to a reader of messages: is this element in the namespace of the outermost one? So a binding keeps the
//! answer and not the name.

use quick_xml::name::PrefixDeclaration;

/// The bindings in scope, innermost last. The number of entries is bounded by depth times attributes.
pub(super) struct Namespaces {
    /// The namespace of the outermost element, once known.
    root: Option<String>,
    bindings: Vec<Binding>,
}

struct Binding {
    depth: usize,
    prefix: String,
    name: String,
}

impl Namespaces {
    pub(super) fn new() -> Self {
        Self {
            root: None,
            bindings: Vec::new(),
        }
    }

    /// Takes note of a declaration at an element of this depth. `false`: the declaration is not allowed.
    pub(super) fn declare(&mut self, depth: usize, declaration: PrefixDeclaration<'_>, name: &str) -> bool {
        let prefix = match declaration {
            PrefixDeclaration::Default => "",
            PrefixDeclaration::Named(prefix) => prefix,
        };
        let named = !prefix.is_empty();
        if matches!(prefix, "xml" | "xmlns") || named && name.is_empty() {
            return false;
        }
        self.bindings.push(Binding {
            depth,
            prefix: prefix.to_owned(),
            name: name.to_owned(),
        });
        true
    }

    /// Whether an element with this prefix is outside the namespace of the outermost element, which the first call defines.
    /// `None`: nobody declared the prefix.
    pub(super) fn is_foreign(&mut self, prefix: &str) -> Option<bool> {
        let bound = self.bindings.iter().rev().find(|binding| binding.prefix == prefix);
        let name = match bound {
            Some(binding) => binding.name.as_str(),
            None if prefix.is_empty() => "",
            None => return None,
        };
        match &self.root {
            Some(root) => Some(root != name),
            None => {
                self.root = Some(name.to_owned());
                Some(false)
            }
        }
    }

    /// Whether an attribute may use this prefix.
    pub(super) fn knows(&self, prefix: &str) -> bool {
        prefix == "xml" || self.bindings.iter().any(|binding| binding.prefix == prefix)
    }

    /// Forgets what an element of this depth declared.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
    }

    /// The namespace of the outermost element.
    pub(super) fn into_root(self) -> String {
        self.root.unwrap_or_default()
    }
}
