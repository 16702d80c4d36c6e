//! The opinion workload in krABMaga: one agent of the schedule an agent, all reading one state with two buffers.
//!
//! Arguments: items, agents, steps. Prints the seconds spent stepping and the checksum.

#[path = "../../../opinion/workload.rs"]
mod workload;

use std::any::Any;
use std::time::Instant;

use krabmaga::engine::agent::Agent;
use krabmaga::engine::schedule::Schedule;
use krabmaga::engine::state::State;
use workload::{Checksum, SLOTS, opinions, slots};

struct Society {
    items: usize,
    slots: Vec<u32>,
    now: Vec<f64>,
    next: Vec<f64>,
}

impl State for Society {
    fn init(&mut self, schedule: &mut Schedule) {
        for id in 0..self.slots.len() / SLOTS {
            schedule.schedule_repeating(Box::new(Member { id }), 0.0, 0);
        }
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_state_mut(&mut self) -> &mut dyn State {
        self
    }
    fn as_state(&self) -> &dyn State {
        self
    }
    fn reset(&mut self) {}
    fn update(&mut self, _step: u64) {}
    fn after_step(&mut self, _schedule: &mut Schedule) {
        std::mem::swap(&mut self.now, &mut self.next);
    }
}

#[derive(Clone)]
struct Member {
    id: usize,
}

impl Agent for Member {
    fn step(&mut self, state: &mut dyn State) {
        let society = state.as_any_mut().downcast_mut::<Society>().expect("the society");
        let items = society.items;
        let row = &mut society.next[self.id * items..][..items];
        row.fill(0.0);
        for &peer in &society.slots[self.id * SLOTS..][..SLOTS] {
            let seen = &society.now[peer as usize * items..][..items];
            for (sum, value) in row.iter_mut().zip(seen) {
                *sum += value;
            }
        }
        for sum in row {
            *sum /= SLOTS as f64;
        }
    }
}

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|word| word.parse().expect("a number")).collect();
    let [items, agents, steps] = numbers[..] else {
        panic!("krabmaga-opinions ITEMS AGENTS STEPS");
    };
    let now = opinions(agents, items);
    let mut society = Society { items, slots: slots(agents), next: now.clone(), now };
    let mut schedule = Schedule::new();
    society.init(&mut schedule);
    let started = Instant::now();
    for _ in 0..steps {
        schedule.step(&mut society);
    }
    let seconds = started.elapsed().as_secs_f64();
    let Checksum { sum, first, last } = Checksum::of(&society.now);
    println!("{seconds} {sum} {first} {last}");
}
