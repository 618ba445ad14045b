//! Tables of text.

use std::io::{self, Write};

/// The first column to the left, the others to the right.
pub fn print_table(rows: &[Vec<String>], out: &mut impl Write) -> io::Result<()> {
    let len = |text: &String| text.chars().count();
    let width = |column: usize| rows.iter().map(|row| len(&row[column])).max().unwrap_or(0);
    let widths: Vec<_> = (0..rows[0].len()).map(width).collect();
    for row in rows {
        let mut line = format!("{:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            line += &format!("  {cell:>width$}");
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}
