//! Rectangles of several sizes in rows.

/// Width to height of the whole that is aimed at.
const ASPECT: f64 = 1.7;

/// Places for rectangles, and the width and height of all.
type Packed = (Vec<(f64, f64)>, f64, f64);

/// Places for rectangles in their order, row by row, in about the shape of a screen.
pub(super) fn rows(sizes: &[(f64, f64)], gap: f64) -> Packed {
    let area: f64 = sizes.iter().map(|(w, h)| (w + gap) * (h + gap)).sum();
    let widest = sizes.iter().map(|(w, _)| *w).fold(0.0, f64::max);
    let side = (area * ASPECT).sqrt();
    // Rows are never full: somewhat wider ones often make a smaller picture.
    let tries = [1.0, 1.1, 1.2, 1.35, 1.5, 1.7].map(|share| within(sizes, gap, (side * share).max(widest)));
    let cost = |(_, width, height): &Packed| (width / ASPECT).max(*height);
    tries
        .into_iter()
        .reduce(|best, next| if cost(&next) < cost(&best) { next } else { best })
        .unwrap_or_default()
}

/// Rows of at most so much width.
fn within(sizes: &[(f64, f64)], gap: f64, limit: f64) -> Packed {
    let mut places = Vec::with_capacity(sizes.len());
    let (mut x, mut y, mut row, mut width): (f64, f64, f64, f64) = (0.0, 0.0, 0.0, 0.0);
    for (w, h) in sizes {
        if x > 0.0 && x + w > limit {
            (x, y, row) = (0.0, y + row + gap, 0.0);
        }
        places.push((x, y));
        (width, row) = (width.max(x + w), row.max(*h));
        x += w + gap;
    }
    (places, width, y + row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_and_the_whole_is_wider_than_high() {
        let sizes: Vec<(f64, f64)> =
            (1..20).map(|n| (f64::from(n * 7 % 50 + 10), f64::from(n * 11 % 30 + 10))).collect();
        let (places, width, height) = rows(&sizes, 5.0);
        assert!(width > height, "{width} {height}");
        for (i, ((x, y), (w, h))) in places.iter().zip(&sizes).enumerate() {
            assert!(x + w <= width && y + h <= height);
            for ((x2, y2), (w2, h2)) in places.iter().zip(&sizes).take(i) {
                assert!(x + w <= *x2 || x2 + w2 <= *x || y + h <= *y2 || y2 + h2 <= *y);
            }
        }
        assert_eq!(rows(&[], 5.0), (Vec::new(), 0.0, 0.0));
    }
}
