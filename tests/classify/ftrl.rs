//! The sparse estimator is linfa's, one row at a time.

use linfa::{
    Dataset, DatasetBase, ParamGuard,
    dataset::Pr,
    traits::{Fit, FitWith, Predict},
};
use ndarray::{Array1, Array2, Axis};
use ombud::classify::{Ftrl, FtrlParams, JointFtrl, LANES, LaneFtrl, SparseRecords, Target};
use ombud::domain::Attribute;
use proptest::prelude::*;
use rand::{Rng, SeedableRng, rngs::SmallRng};

const COLUMNS: usize = 12;
const ROWS: usize = 300;

/// Dense rows, mostly zeros, with labels that some of the columns explain.
fn dense(seed: u64) -> (Array2<f64>, Array1<bool>) {
    let mut random = SmallRng::seed_from_u64(seed);
    let records =
        Array2::from_shape_fn(
            (ROWS, COLUMNS),
            |_| if random.gen_bool(0.3) { random.gen_range(-1.0..2.0) } else { 0.0 },
        );
    let targets = records.rows().into_iter().map(|row| row[0] - row[1] + random.gen_range(-0.5..0.5) > 0.2).collect();
    (records, targets)
}

fn sparse(records: &Array2<f64>) -> SparseRecords<f64> {
    let (mut offsets, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for row in records.rows() {
        for (column, &value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            indices.push(u32::try_from(column).unwrap());
            values.push(value);
        }
        offsets.push(indices.len());
    }
    SparseRecords::new(COLUMNS, offsets, indices, values).unwrap()
}

/// linfa's model with every weight zero: its own begins at random ones, and its fields can be set by serde only.
fn linfa_at_zero(alpha: f64, beta: f64, l1: f64, l2: f64) -> linfa_ftrl::Ftrl<f64> {
    let zeros = serde_json::json!({"v": 1, "dim": [COLUMNS], "data": vec![0.0; COLUMNS]});
    let model = serde_json::json!({
        "alpha": alpha, "beta": beta, "l1_ratio": l1, "l2_ratio": l2, "z": zeros.clone(), "n": zeros,
    });
    serde_json::from_value(model).unwrap()
}

fn check_equal(seed: u64, alpha: f64, beta: f64, l1: f64, l2: f64) {
    let (records, targets) = dense(seed);
    let params = linfa_ftrl::FtrlParams::new(alpha, beta, l1, l2, SmallRng::seed_from_u64(0)).check().unwrap();
    let mut theirs = linfa_at_zero(alpha, beta, l1, l2);
    for (row, &target) in records.rows().into_iter().zip(&targets) {
        let row = row.to_owned().insert_axis(Axis(0));
        theirs = params.fit_with(Some(theirs), &Dataset::new(row, Array1::from_elem(1, target))).unwrap();
    }
    let dataset = DatasetBase::new(sparse(&records), targets);
    let ours = FtrlParams::default().alpha(alpha).beta(beta).l1(l1).l2(l2).fit(&dataset).unwrap();
    for (column, &weight) in theirs.get_weights().iter().enumerate() {
        // linfa keeps probabilities in 32 bits.
        assert!(
            (ours.weight(column) - weight).abs() < 1e-5,
            "column {column}: {} is not {weight}",
            ours.weight(column)
        );
    }
    assert!((0..COLUMNS).any(|column| ours.weight(column).abs() > 0.1), "something was learned");
    let ours: Array1<Pr> = ours.predict(dataset.records());
    let theirs: Array1<Pr> = theirs.predict(&records);
    assert!(ours.iter().zip(&theirs).all(|(a, b)| (**a - **b).abs() < 1e-5));
}

#[test]
fn sparse_fit_equals_linfa_weight_for_weight() {
    check_equal(1, 1.0, 1.0, 0.0, 0.1);
    check_equal(2, 0.3, 0.5, 0.2, 0.0);
    check_equal(3, 0.1, 0.0, 0.5, 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn sparse_fit_equals_linfa_for_any_parameters(
        seed in any::<u64>(), alpha in 0.2..2.0_f64, beta in 0.0..2.0_f64, l1 in 0.0..0.5_f64, l2 in 0.0..1.0_f64,
    ) {
        check_equal(seed, alpha, beta, l1, l2);
    }
}

#[test]
fn a_second_fit_goes_on_where_the_first_left_off() {
    let (records, targets) = dense(4);
    let half = ROWS / 2;
    let part = |from: usize, to: usize| {
        let rows: Vec<usize> = (from..to).collect();
        DatasetBase::new(sparse(&records.select(Axis(0), &rows)), targets.select(Axis(0), &rows))
    };
    let params = FtrlParams::<f64>::default().check().unwrap();
    let first: Ftrl<f64> = params.fit(&part(0, half)).unwrap();
    let both = params.fit_with(Some(first.clone()), &part(half, ROWS)).unwrap();
    assert_eq!(both, params.fit(&part(0, ROWS)).unwrap());
    assert_ne!(both, first);
    let narrow =
        DatasetBase::new(SparseRecords::new(1, vec![0, 1], vec![0], vec![1.0]).unwrap(), Array1::from_elem(1, true));
    assert!(params.fit_with(Some(first), &narrow).is_err(), "another number of columns");
}

#[test]
fn learning_all_attributes_at_once_is_learning_each_by_itself() {
    let mut random = SmallRng::seed_from_u64(5);
    let params = FtrlParams::<f32>::default().l1(0.05).check().unwrap();
    let scale = |column: usize| if column < COLUMNS / 2 { 1.0 } else { 0.5 };
    let mut joint =
        JointFtrl::new(params, &(0..COLUMNS).map(|column| [scale(column); Attribute::COUNT]).collect::<Vec<_>>());
    let mut single: Vec<Ftrl<f32>> = (0..Attribute::COUNT).map(|_| Ftrl::new(params, COLUMNS)).collect();
    for _ in 0..ROWS {
        let indices: Vec<u32> = (0..12).filter(|_| random.gen_bool(0.4)).collect();
        let values: Vec<f32> = indices.iter().map(|_| random.gen_range(-1.0..2.0)).collect();
        let targets: [Target; Attribute::COUNT] = std::array::from_fn(|_| Target {
            truth: f32::from(u8::from(random.gen_bool(0.3))),
            weight: f32::from(u8::from(random.gen_bool(0.7))),
            assumed: random.gen_bool(0.2),
            enough: None,
        });
        joint.learn(&indices, &values, &targets);
        let scaled: Vec<f32> =
            indices.iter().zip(&values).map(|(&column, value)| value * scale(column as usize)).collect();
        for (model, target) in single.iter_mut().zip(&targets).filter(|(_, target)| target.weight > 0.0) {
            let used = indices.len() - usize::from(target.assumed && !indices.is_empty());
            model.learn(&indices[..used], &scaled[..used], target.truth > 0.5);
        }
    }
    for column in 0..COLUMNS {
        let expected: Vec<f32> = single.iter().map(|model| model.weight(column) * scale(column)).collect();
        assert_eq!(joint.weights(column)[..], expected[..], "column {column}");
        assert!(expected.iter().any(|weight| weight.abs() > 0.05), "something was learned");
    }
}

/// Four models of other parameters, each of which leaves out rows of its own, learn beside each other what each learns alone.
#[test]
fn lanes_equal_models_that_learn_alone_bit_for_bit() {
    let params: [_; LANES] = [(1.0, 1.0, 0.0, 0.1), (1.0, 1.0, 0.2, 8.0), (0.3, 0.5, 0.02, 0.5), (0.1, 1.5, 0.05, 2.0)]
        .map(|(alpha, beta, l1, l2)| {
            FtrlParams::<f32>::default().alpha(alpha).beta(beta).l1(l1).l2(l2).check().unwrap()
        });
    let mut random = SmallRng::seed_from_u64(5);
    let mut lanes = LaneFtrl::new(params, COLUMNS);
    let mut alone = params.map(|params| Ftrl::new(params, COLUMNS));
    for row in 0..3 * ROWS {
        let indices: Vec<u32> = (0..u32::try_from(COLUMNS).unwrap()).filter(|_| random.gen_bool(0.3)).collect();
        let values: Vec<f32> = indices.iter().map(|_| random.gen_range(-1.0..2.0)).collect();
        let offset = random.gen_range(-3.0..1.0);
        let truth = random.gen_bool(0.3);
        let weights: [f32; LANES] =
            std::array::from_fn(|lane| if row % (lane + 2) == 0 { 0.0 } else { [1.0, 2.0, 3.0, 4.0][lane] });
        lanes.learn_beside(offset, &indices, &values, truth, &weights);
        for (model, weight) in alone.iter_mut().zip(weights).filter(|(_, weight)| *weight > 0.0) {
            model.learn_beside(offset, &indices, &values, truth, weight);
        }
        let logits = lanes.logits(&indices, &values);
        for (model, logit) in alone.iter().zip(logits) {
            // Adding zero makes one of both zeros.
            assert_eq!((model.logit(&indices, &values) + 0.0).to_bits(), (logit + 0.0).to_bits());
        }
    }
    for column in 0..=COLUMNS {
        let expected: [f32; LANES] = std::array::from_fn(|lane| alone[lane].weight(column) + 0.0);
        assert_eq!(lanes.weights(column).map(|weight| (weight + 0.0).to_bits()), expected.map(f32::to_bits));
    }
    assert!((0..COLUMNS).any(|column| lanes.weights(column).iter().all(|weight| weight.abs() > 0.01)), "all learned");
}
