//! What a chart shows.

/// One line of a chart and, where it has one, the band around it.
///
/// Points are joined in the order given. A point that has no place in the chart (a NaN, an
/// infinity or another value beyond ±1e300, a value ≤ 0 on a logarithmic axis) leaves a gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The name in the legend, which lists the first twelve; a series without one is not listed.
    pub label: String,
    /// The points `(x, y)`.
    pub points: Vec<(f64, f64)>,
    /// A translucent area `(x, low, high)`, such as a confidence interval; a bar where a single place has one.
    pub band: Option<Vec<(f64, f64, f64)>>,
}

impl Series {
    /// A line without a band.
    #[must_use]
    pub fn new(label: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { label: label.into(), points, band: None }
    }

    /// The same line with a band `(x, low, high)` behind it.
    #[must_use]
    pub fn with_band(self, band: Vec<(f64, f64, f64)>) -> Self {
        Self { band: Some(band), ..self }
    }
}

/// Points that are not joined, such as measurements upon the curve that they should lie on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// The name in the legend; marks without one are drawn but not listed.
    pub label: String,
    /// The points `(x, y)`; those without a place in the chart are left out.
    pub points: Vec<(f64, f64)>,
}

/// A dashed horizontal line, such as a target that the data should approach.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// The name in the legend; a reference without one is drawn but not listed.
    pub label: String,
    /// Where the line stands on the y axis.
    pub y: f64,
}

/// How an axis maps values to lengths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences are equally long.
    #[default]
    Linear,
    /// Equal ratios are equally long; values ≤ 0 have no place.
    Log,
}

/// A line chart.
///
/// The colours are those of Okabe and Ito, "Color Universal Design" (2008), less the yellow,
/// which is faint on white; an eighth series takes the first colour again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// The line above the chart.
    pub title: String,
    /// The name and unit of the x axis.
    pub x_label: String,
    /// The name and unit of the y axis.
    pub y_label: String,
    /// The lines, later ones over earlier ones.
    pub series: Vec<Series>,
    /// Single points in front of the series, in the colours that come after theirs.
    pub marks: Vec<Marks>,
    /// Horizontal reference lines, in front of the series.
    pub references: Vec<Reference>,
    /// The scale of the x axis.
    pub x_scale: Scale,
    /// The scale of the y axis.
    pub y_scale: Scale,
}
