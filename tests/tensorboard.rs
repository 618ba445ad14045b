//! Event files, read back by a reader of the format's own description. That TensorBoard reads them too is for
//! `scripts/check_events.py`.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use softac::env;
use softac::sac::SacConfig;
use softac::train::{Config, EventWriter, Quiet, RunConfig, RunFolder, TrainError, Trainer};
use tempfile::tempdir;

/// CRC-32C bit by bit: the reflected polynomial 0x1EDC6F41.
fn crc(bytes: &[u8]) -> u32 {
    let shift = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), shift))
}

fn masked(bytes: &[u8]) -> [u8; 4] {
    let crc = crc(bytes);
    crc.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// The payloads of all whole records; what comes after them must be the beginning of one more at most.
fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records = vec![];
    while bytes.len() >= 12 {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert_eq!(masked(&bytes[..8]), bytes[8..12]);
        if bytes.len() < length + 16 {
            break;
        }
        let (payload, rest) = bytes[12..].split_at(length);
        assert_eq!(masked(payload), rest[..4]);
        records.push(payload.to_vec());
        bytes = &rest[4..];
    }
    records
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    let (head, rest) = bytes.split_at(length);
    *bytes = rest;
    head.iter().rev().fold(0, |x, byte| x << 7 | u64::from(byte & 0x7f))
}

/// The fields of a message: numbers, and the bytes of everything else.
fn fields(mut message: &[u8]) -> Vec<(u64, u64, Vec<u8>)> {
    let mut fields = vec![];
    while !message.is_empty() {
        let key = varint(&mut message);
        let length = match key & 7 {
            0 => {
                fields.push((key >> 3, varint(&mut message), vec![]));
                continue;
            }
            1 => 8,
            2 => varint(&mut message) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        let (content, rest) = message.split_at(length);
        fields.push((key >> 3, 0, content.to_vec()));
        message = rest;
    }
    fields
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Event {
    wall_time: f64,
    step: u64,
    version: Option<String>,
    starts: bool,
    scalars: Vec<(String, f32)>,
}

fn event(payload: &[u8]) -> Event {
    let mut event = Event::default();
    for (field, number, content) in fields(payload) {
        match field {
            1 => event.wall_time = f64::from_le_bytes(content.try_into().unwrap()),
            2 => event.step = number,
            3 => event.version = Some(String::from_utf8(content).unwrap()),
            5 => event.scalars.extend(fields(&content).iter().map(|(field, _, value)| {
                let value = fields(value);
                assert_eq!((*field, value[0].0, value[1].0), (1, 1, 2));
                let number = f32::from_le_bytes(value[1].2.clone().try_into().unwrap());
                (String::from_utf8(value[0].2.clone()).unwrap(), number)
            })),
            7 => event.starts = fields(&content) == [(1, 1, vec![])],
            other => panic!("field {other}"),
        }
    }
    event
}

fn read(path: &Path) -> Vec<Event> {
    records(&fs::read(path).unwrap()).iter().map(|payload| event(payload)).collect()
}

/// The event files of a folder, in TensorBoard's order.
fn event_files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.to_str().unwrap().contains("tfevents"));
    paths.sort();
    paths
}

#[test]
fn the_readers_checksum_is_crc_32c() {
    assert_eq!(crc(b"123456789"), 0xe306_9283);
}

#[test]
fn a_file_begins_with_its_version_and_only_a_continued_run_with_a_start() {
    let folder = tempdir().unwrap();
    let before = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    for (start, expected) in
        [(0, vec![]), (7, vec![(7, true)]), (u64::MAX, vec![(i64::MAX as u64, true)])]
    {
        let path = EventWriter::create(folder.path(), start).unwrap().path().to_path_buf();
        let events = read(&path);
        assert_eq!((events[0].version.as_deref(), events[0].step), (Some("brain.Event:2"), 0));
        let rest: Vec<_> = events[1..].iter().map(|event| (event.step, event.starts)).collect();
        assert_eq!(rest, expected);
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
        assert!(events.iter().all(|event| (before..=now).contains(&event.wall_time)));
    }
}

#[test]
fn a_new_file_comes_after_all_others_and_touches_none() {
    let folder = tempdir().unwrap();
    // From a clock that goes wrong, and others that are none of ours.
    let names = ["events.out.tfevents.4000000000.host.1.0", "events.out.tfevents.x", "tfevents"];
    for name in names {
        fs::write(folder.path().join(name), name).unwrap();
    }
    let mut written = vec![];
    for count in 1..=5 {
        let mut events = EventWriter::create(folder.path(), 0).unwrap();
        events.write(count, [("count", count as f64)]).unwrap();
        written.push(events.path().to_path_buf());
    }
    for name in names {
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), name);
    }
    let numbered = |path: &PathBuf| path.to_str().unwrap().contains(".4000000");
    let order: Vec<_> = event_files(folder.path()).into_iter().filter(numbered).collect();
    assert_eq!(order[1..], written);
    for (path, count) in written.iter().zip(1..) {
        assert_eq!(read(path)[1].step, count);
    }
}

#[test]
fn files_that_are_made_at_once_have_names_of_their_own() {
    let folder = tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| EventWriter::create(folder.path(), 0).unwrap());
        }
    });
    assert_eq!(event_files(folder.path()).len(), 8);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempdir().unwrap();
    let error = EventWriter::create(&folder.path().join("missing"), 0).unwrap_err();
    assert!(matches!(&error, TrainError::Io { path, .. } if path.ends_with("missing")), "{error}");
}

#[test]
fn a_file_that_is_cut_short_holds_all_records_before_the_cut() {
    let folder = tempdir().unwrap();
    let mut events = EventWriter::create(folder.path(), 3).unwrap();
    for step in 1..5 {
        events.write(step * 1000, [("a", step as f64), ("b/c", -1.0)]).unwrap();
    }
    let bytes = fs::read(events.path()).unwrap();
    let whole = records(&bytes);
    assert_eq!(whole.len(), 6);
    let mut ends = vec![];
    for length in 0..=bytes.len() {
        let found = records(&bytes[..length]);
        assert_eq!(found, whole[..found.len()]);
        ends.push(found.len());
    }
    assert!(ends.is_sorted() && ends.last() == Some(&6));
}

#[test]
fn a_training_writes_the_cells_of_its_csv_files() {
    let folder = tempdir().unwrap();
    for (name, tensorboard) in [("with", true), ("without", false)] {
        let run =
            RunConfig { env: "Pendulum-v1".into(), total_timesteps: 450, ..RunConfig::default() };
        let run = RunConfig { log_freq: 100, eval_freq: 200, n_eval_episodes: 1, ..run };
        let run = RunConfig { n_final_eval_episodes: 2, tensorboard, ..run };
        let sac = SacConfig {
            net_arch: vec![4].into(),
            batch_size: 4,
            buffer_size: 500,
            ..SacConfig::default()
        };
        let config = Config { run, algo: sac.into() };
        let run = RunFolder::create(&folder.path().join(name), &config).unwrap();
        let env = || env::make("pendulum").unwrap();
        Trainer::<f32>::new(config, env(), env()).unwrap().train(Some(&run), &mut Quiet).unwrap();
        let files = event_files(run.path());
        if !tensorboard {
            assert!(files.is_empty());
            continue;
        }
        let rows = ["metrics.csv", "evaluations.csv"].map(|name| cells(&run.path().join(name)));
        let mut expected = rows.concat();
        expected.sort_by_key(|(step, scalars)| (*step, scalars[0].0.starts_with("eval")));
        let found = read(&files[0]);
        assert_eq!((files.len(), found.len(), expected.len()), (1, 9, 8));
        for (event, (step, scalars)) in found[1..].iter().zip(expected) {
            assert_eq!((event.step, &event.scalars), (step, &scalars));
        }
    }
}

/// The numbers of a CSV file by the names of their columns, each row with its time step. Cells may be empty, and the
/// hash is no number.
fn cells(path: &Path) -> Vec<(u64, Vec<(String, f32)>)> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let columns: Vec<_> = reader.headers().unwrap().iter().map(String::from).collect();
    let row = |record: csv::StringRecord| {
        let filled = columns.iter().zip(&record).skip(1).filter(|(_, cell)| !cell.is_empty());
        let numbers = filled.filter(|(column, _)| *column != "train/params_hash");
        let number = |cell: &str| cell.parse::<f64>().unwrap() as f32;
        let scalars = numbers.map(|(column, cell)| (column.clone(), number(cell)));
        (record[0].parse().unwrap(), scalars.collect())
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

proptest! {
    #[test]
    fn any_tags_and_numbers_are_read_back(
        rows in prop::collection::vec(
            (0..=i64::MAX as u64, prop::collection::vec((any::<String>(), any::<f64>()), 0..20)), 0..4
        ),
    ) {
        let folder = tempdir().unwrap();
        let mut events = EventWriter::create(folder.path(), 0).unwrap();
        for (step, scalars) in &rows {
            events.write(*step, scalars.iter().map(|(tag, x)| (tag.as_str(), *x))).unwrap();
        }
        let found = read(events.path());
        prop_assert_eq!(found.len(), rows.len() + 1);
        let bits = |scalars: &[(String, f32)]| -> Vec<(String, u32)> {
            scalars.iter().map(|(tag, x)| (tag.clone(), x.to_bits())).collect()
        };
        for (event, (step, scalars)) in found[1..].iter().zip(&rows) {
            let scalars: Vec<_> = scalars.iter().map(|(tag, x)| (tag.clone(), *x as f32)).collect();
            prop_assert_eq!((event.step, bits(&event.scalars)), (*step, bits(&scalars)));
        }
    }
}
