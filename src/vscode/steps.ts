import * as vscode from "vscode";
import { t } from "../presentation/words";

/** What a step gives: its answer, or the wish to go back from what was typed. Closing the input ends the whole form. */
export type StepResult<T> =
  { readonly kind: "answer"; readonly value: T } | { readonly kind: "back"; readonly typed: string };

/** What a step's input shows of the form: its title, and where in it the person is. */
export interface Frame {
  readonly title: string;
  readonly step: number;
  readonly total: number;
}

interface PickStep<T extends vscode.QuickPickItem> extends Frame {
  readonly items: readonly T[];
  readonly placeholder: string;
  readonly active?: T | undefined;
}

interface InputStep extends Frame {
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  readonly password?: boolean;
  /** True to go on writing behind the value, which is otherwise selected. */
  readonly isPrefix?: boolean;
  readonly buttons?: readonly (vscode.QuickInputButton & { readonly url: string })[];
  /** What is wrong with the text, or a remark on it; `undefined` if it is fine. An error forbids to go on. */
  check(value: string, accepted: boolean): Check | undefined | Promise<Check | undefined>;
}

export interface Check {
  readonly text: string;
  readonly isError: boolean;
  /** A remark that should not be overlooked, and does not forbid to go on. */
  readonly isWarning?: boolean;
}

/** A step with a list. Throws `CancellationError` when it is closed. */
export async function pick<T extends vscode.QuickPickItem>(step: PickStep<T>): Promise<StepResult<T>> {
  const input = vscode.window.createQuickPick<T>();
  input.items = step.items;
  input.placeholder = step.placeholder;
  input.matchOnDescription = true;
  if (step.active) input.activeItems = [step.active];
  return await show(input, step, (done) => {
    input.onDidAccept(() => {
      const [item] = input.selectedItems;
      if (item) done({ kind: "answer", value: item });
    });
  });
}

/** A step with a list of which any may be chosen, `chosen` at first. Throws `CancellationError` when it is closed. */
export async function pickMany<T extends vscode.QuickPickItem>(
  step: Omit<PickStep<T>, "active"> & { readonly chosen: readonly T[] },
): Promise<StepResult<readonly T[]>> {
  const input = vscode.window.createQuickPick<T>();
  input.canSelectMany = true;
  input.items = step.items;
  input.placeholder = step.placeholder;
  input.matchOnDescription = true;
  input.selectedItems = step.chosen;
  return await show(input, step, (done) => {
    input.onDidAccept(() => {
      if (input.selectedItems.length > 0) done({ kind: "answer", value: [...input.selectedItems] });
      else input.placeholder = t("Tick at least one, or press Escape");
    });
  });
}

/** A step with a text. Throws `CancellationError` when it is closed. */
export async function ask(step: InputStep): Promise<StepResult<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = step.prompt;
  input.placeholder = step.placeholder;
  input.value = step.value ?? "";
  input.password = step.password ?? false;
  if (step.isPrefix === true) input.valueSelection = [input.value.length, input.value.length];
  const { Info, Warning } = vscode.InputBoxValidationSeverity;
  const show_ = (check: Check | undefined) => {
    input.validationMessage =
      check &&
      (check.isError ? check.text : { message: check.text, severity: check.isWarning === true ? Warning : Info });
  };
  return await show(
    input,
    step,
    (done) => {
      let asked = 0;
      const check = async (accepted: boolean) => {
        const turn = ++asked;
        const found = await step.check(input.value, accepted);
        if (turn === asked) show_(found);
        return found;
      };
      if (input.value !== "") void check(false);
      input.onDidChangeValue(() => void check(false));
      input.onDidAccept(async () => {
        const { value } = input;
        input.busy = true;
        const found = await check(true);
        input.busy = false;
        if (found?.isError !== true && value === input.value) done({ kind: "answer", value });
      });
    },
    step.buttons,
  );
}

function show<T>(
  input: vscode.QuickInput & {
    readonly value: string;
    buttons: readonly vscode.QuickInputButton[];
    onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
  },
  { title, step, total }: Frame,
  wire: (done: (result: StepResult<T>) => void) => void,
  buttons: readonly (vscode.QuickInputButton & { readonly url: string })[] = [],
): Promise<StepResult<T>> {
  return new Promise<StepResult<T>>((resolve, reject) => {
    let result: StepResult<T> | undefined;
    input.title = title;
    // where there is one question only, "(1/1)" tells nothing
    input.step = total > 1 ? step : undefined;
    input.totalSteps = total > 1 ? total : undefined;
    // the person may have to fetch the token from somewhere else: the form stays
    input.ignoreFocusOut = true;
    input.buttons = step > 1 ? [vscode.QuickInputButtons.Back, ...buttons] : buttons;
    const done = (given: StepResult<T>) => {
      result = given;
      input.hide();
    };
    input.onDidTriggerButton((button) => {
      const link = buttons.find((own) => own === button);
      if (link) void vscode.env.openExternal(vscode.Uri.parse(link.url));
      else done({ kind: "back", typed: input.value });
    });
    input.onDidHide(() => {
      input.dispose();
      if (result) resolve(result);
      else reject(new vscode.CancellationError());
    });
    wire(done);
    input.show();
  });
}

/** A step of a form: it may read and extend what is known so far. */
export interface FormStep<S> {
  /** False where what is known so far makes the step needless; without it the step is always shown. */
  isShown?(state: S): boolean;
  /** Only shown where something is in the way, and not counted among the steps. */
  readonly isExtra?: boolean;
  /** `skip`: it was not shown after all. `end` leaves out what would follow. */
  show(state: S, frame: Frame): Promise<"next" | "back" | "skip" | "end">;
}

/** Runs the steps in order; Back goes to the last one that was shown. Throws `CancellationError` when one is closed. */
export async function runForm<S>(title: string, state: S, steps: readonly FormStep<S>[]): Promise<S> {
  const shown: number[] = [];
  const isShown = (step: FormStep<S>) => step.isShown?.(state) !== false;
  for (let index = 0; index < steps.length;) {
    const step = steps[index];
    if (!step || !isShown(step)) {
      index++;
      continue;
    }
    const ahead = steps.slice(index).filter((later) => isShown(later) && later.isExtra !== true);
    const total = Math.max(shown.length + ahead.length, shown.length + 1);
    const outcome = await step.show(state, { title, step: shown.length + 1, total });
    if (outcome === "end") break;
    if (outcome === "back") {
      index = shown.pop() ?? 0;
      continue;
    }
    if (outcome === "next") shown.push(index);
    index++;
  }
  return state;
}
