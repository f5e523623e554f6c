//! What the rules read: the repository's files, its Rust sources as tokens, its manifests as tables.

use std::{collections::BTreeMap, fs, path::Path};

use toml_edit::{Document, Item, TableLike};

use super::source::Source;

/// Folders that hold what was built or fetched, not what was written.
const NOT_WRITTEN: &[&str] = &["target", ".git", "node_modules", "corpus", "artifacts"];

/// A repository.
pub(crate) struct Repo {
    /// The text of each file by its path from the root, with `/` between folders; `None` where it isn't text.
    files: BTreeMap<String, Option<String>>,
    pub(super) sources: Vec<Source>,
    manifests: Vec<Manifest>,
}

/// One `Cargo.toml`.
pub(crate) struct Manifest {
    pub(super) path: String,
    text: String,
    document: Document<String>,
}

impl Repo {
    /// Reads a folder.
    ///
    /// # Errors
    ///
    /// One line, when a file can't be read, or isn't Rust or TOML as its name says.
    pub(crate) fn load(root: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        read_folder(root, "", &mut files).map_err(|cause| format!("couldn't read {}: {cause}", root.display()))?;
        Self::new(files)
    }

    /// A repository of these paths and texts.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Result<Self, String> {
        Self::new(files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned()))).collect())
    }

    fn new(files: BTreeMap<String, Option<String>>) -> Result<Self, String> {
        let mut sources = Vec::new();
        let mut manifests = Vec::new();
        for (path, text) in &files {
            let Some(text) = text else { continue };
            if path.ends_with(".rs") {
                sources.push(Source::parse(path, text)?);
            } else if path == "Cargo.toml" || path.ends_with("/Cargo.toml") {
                manifests.push(Manifest::parse(path, text)?);
            }
        }
        Ok(Self { files, sources, manifests })
    }

    /// The workspace's manifest, and those of its members.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Manifest> {
        let named = self
            .root()
            .and_then(|root| root.get(&["workspace", "members"])?.as_array())
            .map(|members| members.iter().filter_map(|member| Some(format!("{}/Cargo.toml", member.as_str()?))))
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        self.manifests.iter().filter(move |manifest| manifest.path == "Cargo.toml" || named.contains(&manifest.path))
    }

    /// The workspace's manifest.
    fn root(&self) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| manifest.path == "Cargo.toml")
    }

    /// The texts of the files whose names end so.
    pub(super) fn texts<'a>(&'a self, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.ends_with(suffix))
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Whether there is such a file or folder; the root's path is empty.
    pub(super) fn has(&self, path: &str) -> bool {
        path.is_empty()
            || self
                .files
                .keys()
                .any(|file| file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

fn read_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Option<String>>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_file() {
            files.insert(path, String::from_utf8(fs::read(entry.path())?).ok());
        } else if entry.file_type()?.is_dir() && !NOT_WRITTEN.contains(&name.as_str()) {
            read_folder(&entry.path(), &format!("{path}/"), files)?;
        }
    }
    Ok(())
}

impl Manifest {
    fn parse(path: &str, text: &str) -> Result<Self, String> {
        let document = Document::parse(text.to_owned()).map_err(|cause| format!("{path} isn't TOML: {cause}"))?;
        Ok(Self { path: path.to_owned(), text: text.to_owned(), document })
    }

    /// The package's name; `None` for a workspace without a package.
    pub(crate) fn name(&self) -> Option<&str> {
        self.get(&["package", "name"])?.as_str()
    }

    /// The names of its features.
    pub(crate) fn features(&self) -> Vec<&str> {
        self.table(&["features"]).map(|features| features.iter().map(|(name, _)| name).collect()).unwrap_or_default()
    }

    /// What stands at this path of keys.
    pub(super) fn get(&self, keys: &[&str]) -> Option<&Item> {
        keys.iter().try_fold(self.document.as_item(), |item, key| item.get(key))
    }

    /// The table at this path of keys.
    pub(super) fn table(&self, keys: &[&str]) -> Option<&dyn TableLike> {
        self.get(keys)?.as_table_like()
    }

    /// The tables of dependencies called so (`dependencies`, …), also those for some targets only.
    pub(super) fn dependencies(&self, kind: &str) -> Vec<(&str, &Item)> {
        let everywhere = self.table(&[kind]);
        let somewhere = self
            .table(&["target"])
            .into_iter()
            .flat_map(|targets| targets.iter())
            .filter_map(|(_, target)| target.get(kind)?.as_table_like());
        everywhere.into_iter().chain(somewhere).flat_map(|table| table.iter()).collect()
    }

    /// The line on which this key of this table is written, counted from 1; 0 if it isn't there.
    pub(super) fn line(&self, table: &dyn TableLike, key: &str) -> usize {
        let span = table.get_key_value(key).and_then(|(key, _)| key.span());
        span.map_or(0, |span| self.text[..span.start].matches('\n').count() + 1)
    }

    /// The text of this line, counted from 1.
    pub(super) fn line_text(&self, line: usize) -> &str {
        line.checked_sub(1).and_then(|line| self.text.lines().nth(line)).unwrap_or_default()
    }
}
