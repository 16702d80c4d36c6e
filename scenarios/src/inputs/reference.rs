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
        reference.insert(culture, item, shares);
    }
    Ok(reference)
}

fn table(asset: &Asset) -> Result<Reference, AssetError> {
    let mut reference = Reference::new(name(asset), &asset.label);
    let mut open: Option<(&str, &str, Shares)> = None;
    let mut lines = asset.text.lines().enumerate();
    if lines.next().map(|(_, header)| header.trim()) != Some("country,item,code,share") {
        return Err(AssetError::new(format!("{}, line 1: the columns must be country,item,code,share", asset.label)));
    }
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.trim().split(',').collect();
        let row = match fields.as_slice() {
            [culture, item, code, share] => {
                code.parse::<i32>().ok().zip(share.parse::<f64>().ok()).map(|s| (*culture, *item, s))
            }
            _ => None,
        };
        let Some((culture, item, share)) = row.filter(|(.., (_, share))| share.is_finite() && *share >= 0.0) else {
            return Err(AssetError::new(format!("{}, line {}: not country,item,code,share", asset.label, index + 1)));
        };
        match &mut open {
            Some((of, at, shares)) if *of == culture && *at == item => shares.push(share),
            _ => {
                if let Some((of, at, shares)) = open.replace((culture, item, vec![share])) {
                    reference.insert(of, at, shares);
                }
            }
        }
    }
    if let Some((culture, item, shares)) = open {
        reference.insert(culture, item, shares);
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
            reference.insert(&culture, &item, shares);
        }
    }
    Ok(reference)
}
