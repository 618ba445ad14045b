//! What a live figure is: controls in, numbers and a picture out.

use serde::Serialize;

/// A live figure.
///
/// Everything on the page beyond the page's own furniture comes from here: which controls there are, the text beside
/// them, the numbers, and the picture. The page computes nothing.
pub trait Figure {
    /// What the reader can set, as it is set now.
    fn controls(&self) -> Vec<Control>;

    /// Takes a new value of a control. `turn` is what callers use: the name is one of
    /// [`controls`](Figure::controls) here, and the value one that this control can have.
    fn set(&mut self, control: &str, value: f64);

    /// The numbers beside the picture.
    fn readouts(&self) -> Vec<Readout>;

    /// The picture: one SVG element, made with [`chart`](crate::chart).
    fn picture(&self) -> String;

    /// How fast the clock ticks of itself; `None` for a figure that does not move.
    fn pace(&self) -> Option<Pace> {
        None
    }

    /// After how many ticks the picture for print is taken: of a figure that moves, one in which something has happened.
    fn ticks_for_print(&self) -> u32 {
        0
    }

    /// One tick of the clock: whether there is more to come.
    fn tick(&mut self) -> bool {
        false
    }
}

/// How fast a figure moves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pace {
    /// Ticks in a second; as many as there is time for if not given.
    pub ticks_per_second: Option<f64>,
    /// Whether a tick is so much work that it is done beside the page, in a worker.
    pub heavy: bool,
}

/// Something that the reader can set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Control {
    /// Its name, for [`Figure::set`] and in links.
    pub name: &'static str,
    /// What is written beside it.
    pub label: &'static str,
    /// What it is, and how it is set.
    #[serde(flatten)]
    pub kind: Kind,
}

/// The kinds of controls. Each has one number: a slider its value, a switch 0 or 1, a choice the number of its option.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// A number between two bounds.
    Slider {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
        /// From one value to the next.
        step: f64,
        /// The value.
        value: f64,
        /// The value as the reader sees it, with its unit: where a slider is logarithmic, not the same number.
        text: String,
    },
    /// On or off.
    Switch {
        /// 1 or 0.
        value: f64,
    },
    /// One of several.
    Choice {
        /// What they are called.
        options: Vec<&'static str>,
        /// The number of the one that is chosen, from 0.
        value: f64,
    },
    /// Something that happens when it is pressed; its number says nothing.
    Button,
}

impl Control {
    /// A slider over `[min, max]`, whose value is shown as `text`.
    #[must_use]
    pub fn slider(
        name: &'static str,
        label: &'static str,
        [min, max, step]: [f64; 3],
        value: f64,
        text: String,
    ) -> Self {
        Self { name, label, kind: Kind::Slider { min, max, step, value, text } }
    }

    /// A switch.
    #[must_use]
    pub fn switch(name: &'static str, label: &'static str, on: bool) -> Self {
        Self { name, label, kind: Kind::Switch { value: f64::from(u8::from(on)) } }
    }

    /// A choice between `options`.
    #[must_use]
    pub fn choice(
        name: &'static str,
        label: &'static str,
        options: &[&'static str],
        chosen: usize,
    ) -> Self {
        Self { name, label, kind: Kind::Choice { options: options.to_vec(), value: chosen as f64 } }
    }

    /// A button.
    #[must_use]
    pub fn button(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: Kind::Button }
    }

    /// The value nearest to this one that the control can have.
    fn nearest(&self, value: f64) -> f64 {
        match &self.kind {
            Kind::Slider { min, max, step, .. } => {
                let steps = ((value.clamp(*min, *max) - min) / step).round();
                as_written(min + steps * step, *step).clamp(*min, *max)
            }
            Kind::Switch { .. } => f64::from(u8::from(value != 0.0)),
            Kind::Choice { options, .. } => value.round().clamp(0.0, options.len() as f64 - 1.0),
            Kind::Button => value,
        }
    }
}

/// The number that is written with the digits of `step`: what a page, which keeps sliders as text, makes of it.
fn as_written(value: f64, step: f64) -> f64 {
    let digits = step.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    format!("{value:.digits$}").parse().unwrap_or(value)
}

/// A number beside the picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Readout {
    /// Its name, for tests.
    pub name: &'static str,
    /// What is written beside it, with the unit.
    pub label: String,
    /// The number as the reader sees it.
    pub text: String,
    /// The number; `None` for words, and where it is not finite.
    pub value: Option<f64>,
}

impl Readout {
    /// A number with so many digits after the point.
    #[must_use]
    pub fn number(name: &'static str, label: &str, value: f64, digits: usize) -> Self {
        Self::written(name, label, value, fixed(value, digits))
    }

    /// A number as `m.mm·10ᵉ`, for what is very small or very large.
    #[must_use]
    pub fn scientific(name: &'static str, label: &str, value: f64) -> Self {
        Self::written(name, label, value, scientific(value))
    }

    /// Words.
    #[must_use]
    pub fn words(name: &'static str, label: &str, text: impl Into<String>) -> Self {
        Self { name, label: label.into(), text: text.into(), value: None }
    }

    fn written(name: &'static str, label: &str, value: f64, text: String) -> Self {
        Self { name, label: label.into(), text, value: value.is_finite().then_some(value) }
    }
}

/// A number with so many digits after the point, and a minus sign that is one. Zero has no sign.
#[must_use]
pub fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.strip_prefix('-') {
        Some(zero) if zero.chars().all(|c| matches!(c, '0' | '.')) => zero.to_string(),
        Some(size) => format!("−{size}"),
        None => text.replace("inf", "∞"),
    }
    .replace("inf", "∞")
}

/// Whole numbers from 1,000 on, with a comma at the thousands.
#[must_use]
pub fn grouped(number: &str) -> String {
    let digits = number.trim_start_matches('−');
    if digits.len() < 4 || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return number.into();
    }
    let mut text = String::new();
    for (i, c) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    if number.starts_with('−') { format!("−{text}") } else { text }
}

/// A number as `m.mm·10ᵉ`.
#[must_use]
pub fn scientific(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return fixed(value, 0);
    }
    let text = format!("{value:.2e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let raised = exponent.chars().map(|c| match c {
        '-' => '⁻',
        digit => "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize - '0' as usize).unwrap_or(digit),
    });
    format!("{}·10{}", mantissa.replace('-', "−"), raised.collect::<String>())
}

/// A value that no control takes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ControlError {
    /// There is no such control.
    #[error("there is no control `{name}`; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The value is NaN or infinite.
    #[error("`{name}` cannot be {value}; give a finite number")]
    NotFinite {
        /// The control.
        name: String,
        /// The value.
        value: f64,
    },
}

impl dyn Figure + '_ {
    /// Sets a control, to the value nearest to the one given that it can have.
    ///
    /// # Errors
    /// A control that there is not, or a value that is not finite; then nothing has changed.
    pub fn turn(&mut self, control: &str, value: f64) -> Result<(), ControlError> {
        let controls = self.controls();
        let Some(known) = controls.iter().find(|known| known.name == control) else {
            let known: Vec<_> = controls.iter().map(|control| control.name).collect();
            return Err(ControlError::Unknown { name: control.into(), known: known.join(", ") });
        };
        if !value.is_finite() {
            return Err(ControlError::NotFinite { name: control.into(), value });
        }
        self.set(control, known.nearest(value));
        Ok(())
    }

    /// Everything that the page shows, as JSON: controls, readouts, picture and pace.
    #[must_use]
    pub fn shown(&self) -> String {
        let shown = Shown {
            controls: self.controls(),
            readouts: self.readouts(),
            picture: self.picture(),
            pace: self.pace(),
        };
        serde_json::to_string(&shown).expect("text and numbers can be written")
    }
}

#[derive(Serialize)]
struct Shown {
    controls: Vec<Control>,
    readouts: Vec<Readout>,
    picture: String,
    pace: Option<Pace>,
}
