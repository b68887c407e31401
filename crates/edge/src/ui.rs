//! Components of pages: each shows one kind of thing the same way everywhere. They know no request and no database; what a page
//! has to say comes in as arguments.
//!
//! No component writes an inline style or an inline script: the content policy of the console allows neither.

pub(crate) mod assets;
pub(crate) mod empty;
pub(crate) mod field;
pub(crate) mod icon;
pub(crate) mod pager;
pub(crate) mod shell;
pub(crate) mod table;
pub(crate) mod tag;
pub(crate) mod timeline;
pub(crate) mod values;
