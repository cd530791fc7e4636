//! The table: what a row consists of, and how rows are measured and judged.

/// The bytes of a leaf: a body with a buffer that lives across an await.
pub(crate) const LEAF: usize = 4096;

/// The most that a level of nesting may add. (8 bytes of it are the place in the source.)
pub(crate) const LEVEL: usize = 104;

/// The same where the level holds something that it lends to a block: a group, a stack, a generator.
pub(crate) const OWNER: usize = 128;

/// The sizes at the levels of nesting of one function: the leaf, and four levels around it.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) level: usize,
    pub(crate) sizes: [usize; 5],
}

impl Row {
    /// The most that any level adds. (A level that boxes its inside may even be smaller than it.)
    fn added(&self) -> usize {
        let pairs = self.sizes.windows(2);
        let added = pairs.map(|pair| pair[1].saturating_sub(pair[0]));
        added.max().unwrap_or(0)
    }

    /// What is wrong with the row, if anything.
    fn fault(&self) -> Option<String> {
        let (name, sizes) = (self.name, self.sizes);
        if !(LEAF..LEAF + 128).contains(&sizes[0]) {
            return Some(format!(
                "{name}: the leaf is not as it should be: {sizes:?}"
            ));
        }
        let (added, most) = (self.added(), self.level);
        (added > most)
            .then(|| format!("{name}: a level adds {added} bytes, more than {most}: {sizes:?}"))
    }
}

/// Fails with the names of the rows whose levels add too much.
pub(crate) fn judge(rows: &[Row]) {
    if std::env::var_os("SIZES").is_some() {
        for row in rows {
            eprintln!("{:32} {:4} {:?}", row.name, row.added(), row.sizes);
        }
    }
    let faults = rows.iter().filter_map(Row::fault).collect::<Vec<_>>();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The size of the future that `body` makes.
pub(crate) fn made_by<A, F>(_body: impl FnOnce(A) -> F) -> usize {
    size_of::<F>()
}

/// A row for a function that takes a future: each level is an `async fn` that awaits the function's future around the
/// level below. The levels take `$argument`, of type `$type`, and `$leaf` is the innermost.
macro_rules! nested {
    ($rows:ident, $name:expr, $level:expr, $leaf:ident($argument:ident: $type:ty), |$below:ident| $awaited:expr) => {{
        macro_rules! level {
            ($function:ident, $inner:ident) => {
                async fn $function($argument: $type) {
                    let $below = $inner;
                    let _ = $awaited;
                }
            };
        }
        level!(one, $leaf);
        level!(two, one);
        level!(three, two);
        level!(four, three);
        $rows.push(crate::table::Row {
            name: $name,
            level: $level,
            sizes: [
                crate::table::made_by($leaf),
                crate::table::made_by(one),
                crate::table::made_by(two),
                crate::table::made_by(three),
                crate::table::made_by(four),
            ],
        });
    }};
}
pub(crate) use nested;

/// A row for calls nested directly in one another, without an `async fn` around each.
macro_rules! direct {
    ($rows:ident, $name:expr, $level:expr, $leaf:ident($argument:ident: $type:ty), |$below:ident| $wrapped:expr) => {{
        macro_rules! level {
            ($function:ident, $inner:ident) => {
                let $function = |$argument: $type| {
                    let $below = $inner;
                    $wrapped
                };
            };
        }
        level!(one, $leaf);
        level!(two, one);
        level!(three, two);
        level!(four, three);
        $rows.push(crate::table::Row {
            name: $name,
            level: $level,
            sizes: [
                crate::table::made_by($leaf),
                crate::table::made_by(one),
                crate::table::made_by(two),
                crate::table::made_by(three),
                crate::table::made_by(four),
            ],
        });
    }};
}
pub(crate) use direct;
