//! The table: what a row is, and how it is measured and judged.

/// The bytes of a leaf: a body with a buffer that lives across an await.
pub(crate) const LEAF: usize = 4096;

/// What a level of nesting may add.
pub(crate) const LEVEL: usize = 96;

/// What the levels of nesting of one function take: the leaf, and four levels around it.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) level: usize,
    pub(crate) sizes: [usize; 5],
}

impl Row {
    /// What the worst level adds, and which one it is.
    fn worst(&self) -> (usize, usize) {
        let added = self.sizes.windows(2).map(|pair| pair[1].abs_diff(pair[0]));
        (1..)
            .zip(added)
            .map(|(level, added)| (added, level))
            .max()
            .unwrap()
    }

    /// What is wrong with it, if something is.
    fn fault(&self) -> Option<String> {
        let (added, level) = self.worst();
        if self.sizes[0] < LEAF {
            return Some(format!("{}: the leaf has no buffer", self.name));
        }
        (added > self.level).then(|| {
            format!(
                "{}: level {level} adds {added} bytes, more than {}: {:?}",
                self.name, self.level, self.sizes
            )
        })
    }
}

/// Fails with the names of the rows that take too much.
pub(crate) fn judge(rows: &[Row]) {
    if std::env::var_os("SIZES").is_some() {
        for row in rows {
            eprintln!("{:32} {:4} {:?}", row.name, row.worst().0, row.sizes);
        }
    }
    let faults = rows.iter().filter_map(Row::fault).collect::<Vec<_>>();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Two rows of a function that takes a future: an `async fn` that awaits it around the `async fn` below, and
/// calls in one another.
macro_rules! nested {
    ($rows:ident, $name:literal, $level:expr, |$below:ident| $awaited:expr) => {{
        macro_rules! level {
            ($function:ident, $inner:ident) => {
                async fn $function() {
                    let $below = $inner;
                    let _ = $awaited;
                }
            };
        }
        level!(one, leaf);
        level!(two, one);
        level!(three, two);
        level!(four, three);
        $rows.push(crate::table::Row {
            name: $name,
            level: $level,
            sizes: [
                size_of_val(&leaf()),
                size_of_val(&one()),
                size_of_val(&two()),
                size_of_val(&three()),
                size_of_val(&four()),
            ],
        });
    }};
}
pub(crate) use nested;
