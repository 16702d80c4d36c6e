//! Human references: our compact format, a table of shares, or a file in the published layout.

use pluriverse_worlds::survey::Reference;
use pluriverse_worlds::survey::reference::Shares;

use super::asset::{Asset, AssetError};
use crate::file::in_order::InOrder;

/// Reads a reference. `.json` is the published layout (culture → item → code → share), `.csv` a table of
/// `country,item,code,share`, everything else our format.
pub fn reference(asset: &Asset) -> Result<Reference, AssetError> {
    let reference = match asset.extension() {
        Some("json") => published(asset)?,
        Some("csv") => table(asset)?,
        _ => compact(asset)?,
    };
    if reference.cultures().next().is_none() {
        return Err(AssetError::new(format!("{} holds no population", asset.label)));
    }
    Ok(reference)
}

fn name(asset: &Asset) -> &str {
    asset.label.split_once(' ').map_or(asset.label.as_str(), |(_, name)| name)
}

/// Our format: `@CODE` opens a population, then one line an item: `id code:share …`, shares in millionths.
fn compact(asset: &Asset) -> Result<Reference, AssetError> {
    let source = asset.text.lines().find_map(|line| line.strip_prefix("# source: ")).unwrap_or_default();
    let mut reference = Reference::new(name(asset), source);
    let mut culture: Option<&str> = None;
    for (index, line) in asset.text.lines().enumerate() {
        let wrong = |what: &str| AssetError::new(format!("{}, line {}: {what}", asset.label, index + 1));
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(code) = line.strip_prefix('@') {
            culture = Some(code);
            continue;
        }
        let culture = culture.ok_or_else(|| wrong("an item before any population (`@CODE`)"))?;
        let mut words = line.split_ascii_whitespace();
        let item = words.next().ok_or_else(|| wrong("no item"))?;
        let shares = words
            .map(|word| {
                let (code, share) = word.split_once(':')?;
                Some((code.parse().ok()?, share.parse::<u32>().ok().map(|share| f64::from(share) / 1e6)?))
            })
            .collect::<Option<Shares>>()
            .ok_or_else(|| wrong("shares are written code:millionths"))?;
        reference.insert(culture, item, shares).map_err(|problem| wrong(&problem))?;
    }
    Ok(reference)
}

fn table(asset: &Asset) -> Result<Reference, AssetError> {
    const HEADER: [&str; 4] = ["country", "item", "code", "share"];
    let mut reference = Reference::new(name(asset), &asset.label);
    let fields = |line: &'_ str| -> Vec<String> { line.split(',').map(|field| field.trim().to_owned()).collect() };
    let mut lines = asset.text.lines().enumerate();
    if lines.next().map(|(_, header)| fields(header)).as_deref() != Some(&HEADER.map(str::to_owned)) {
        return Err(AssetError::new(format!("{}, line 1: the columns must be country,item,code,share", asset.label)));
    }
    let mut rows: Vec<((String, String), Shares)> = Vec::new();
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let fields = fields(line);
        let row = match fields.as_slice() {
            [culture, item, code, share] => {
                let figures = code.parse::<i32>().ok().zip(share.parse::<f64>().ok());
                figures.map(|figures| ((culture.clone(), item.clone()), figures))
            }
            _ => None,
        };
        let Some((key, figures)) = row else {
            return Err(AssetError::new(format!("{}, line {}: not country,item,code,share", asset.label, index + 1)));
        };
        match rows.last_mut() {
            Some((open, shares)) if *open == key => shares.push(figures),
            _ => rows.push((key, vec![figures])),
        }
    }
    for ((culture, item), shares) in rows {
        reference
            .insert(&culture, &item, shares)
            .map_err(|problem| AssetError::new(format!("{}: {problem}", asset.label)))?;
    }
    Ok(reference)
}

fn published(asset: &Asset) -> Result<Reference, AssetError> {
    // The order of codes decides between equally frequent answers.
    let populations: InOrder<InOrder<InOrder<f64>>> = serde_json::from_str(&asset.text)
        .map_err(|error| AssetError::new(format!("{} is not in the published layout: {error}", asset.label)))?;
    let mut reference = Reference::new(name(asset), &asset.label);
    for (culture, items) in populations.0 {
        for (item, shares) in items.0 {
            let shares = shares
                .0
                .into_iter()
                .map(|(code, share)| Some((code.parse().ok()?, share)))
                .collect::<Option<Shares>>()
                .ok_or_else(|| {
                    AssetError::new(format!("{}: {culture} {item} holds a code that is no whole number", asset.label))
                })?;
            reference
                .insert(&culture, &item, shares)
                .map_err(|problem| AssetError::new(format!("{}: {problem}", asset.label)))?;
        }
    }
    Ok(reference)
}
