//! What is published of the plane, as the asset `reference/plane.ron` holds it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Point;
use super::projection::Projection;

/// Which publication positions are taken from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Edition {
    /// The map of 2022.
    Map2022,
    /// The latest survey of each country in the file of 2023, on which the projection was fitted.
    #[default]
    File2023,
}

impl Edition {
    /// The name used in tables and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Map2022 => "map_2022",
            Self::File2023 => "file_2023",
        }
    }
}

/// A country's published positions.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// ISO 3166-1 alpha-3 code.
    pub code: Arc<str>,
    /// On the map of 2022.
    pub map_2022: Point,
    /// In the file of 2023.
    pub file_2023: Point,
    /// Year of the survey in the file of 2023.
    pub year: u16,
    /// Whether that survey belongs to the wave whose answers it is compared with.
    pub comparable: bool,
}

impl Country {
    /// Its position in an edition.
    pub const fn position(&self, edition: Edition) -> Point {
        match edition {
            Edition::Map2022 => self.map_2022,
            Edition::File2023 => self.file_2023,
        }
    }
}

/// Positions of countries and the projection fitted on them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Where they come from.
    pub source: Arc<str>,
    /// The countries, by code.
    pub countries: Vec<Country>,
    /// How indicators become a point.
    pub projection: Projection,
}

/// Why figures cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FiguresFault {
    /// Codes out of order or twice.
    #[error("country {0} is there twice or out of order of codes")]
    Order(Arc<str>),
    /// A number that is none.
    #[error("a figure of {0} is not a finite number")]
    NotFinite(Arc<str>),
    /// Too few countries to have a hull.
    #[error("the comparable countries span no area")]
    NoArea,
}

impl Figures {
    /// Whether they can be used; the first reason where not. The area is looked at by [`super::Plane::new`].
    pub fn check(&self) -> Result<(), FiguresFault> {
        if let Some([_, second]) = self.countries.array_windows::<2>().find(|[first, second]| first.code >= second.code)
        {
            return Err(FiguresFault::Order(second.code.clone()));
        }
        let odd = |country: &&Country| !(country.map_2022.is_finite() && country.file_2023.is_finite());
        if let Some(country) = self.countries.iter().find(odd) {
            return Err(FiguresFault::NotFinite(country.code.clone()));
        }
        if !self.projection.is_finite() {
            return Err(FiguresFault::NotFinite(Arc::from("the projection")));
        }
        Ok(())
    }

    /// The country with this code.
    pub fn country(&self, code: &str) -> Option<&Country> {
        self.countries.iter().find(|country| &*country.code == code)
    }

    /// Positions of the comparable countries with their codes, in order of codes.
    pub fn comparable(&self, edition: Edition) -> impl Iterator<Item = (&Arc<str>, Point)> {
        self.countries
            .iter()
            .filter(|country| country.comparable)
            .map(move |country| (&country.code, country.position(edition)))
    }
}
