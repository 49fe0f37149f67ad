package dev.backfill.examples;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the jobs of this jar, and runs the one that is named. */
@Command(
        name = "backfill-examples",
        description = "Backfills that can be killed and go on. Name a job; each knows --help.",
        subcommands = {
            Hello.class,
            BlazeItems.class,
            NotionDuplicates.class,
            GuestyMessages.class,
            InventoryFields.class,
            SoldListings.class,
            Simulate.class
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class Main implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /** Runs the job that the first argument names, and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        return run(new Main(), arguments);
    }

    /** Runs a command; whatever goes wrong is one message and an exit code. */
    static int run(Object command, String... arguments) {
        CommandLine line = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, args) -> {
            String name = e.getCommandLine().getCommandSpec().qualifiedName();
            System.err.println(name + ": " + e.getMessage() + meant(e) + " (see " + name + " --help)");
            return Exit.USAGE;
        });
        line.setExecutionExceptionHandler((e, at, result) -> {
            System.err.println(at.getCommandSpec().name() + ": " + Exit.message(e));
            return Exit.code(e);
        });
        return line.execute(arguments);
    }

    /** What a mistyped option may have been. */
    private static String meant(CommandLine.ParameterException e) {
        List<String> suggestions =
                e instanceof CommandLine.UnmatchedArgumentException unknown ? unknown.getSuggestions() : List.of();
        return suggestions.isEmpty()
                ? ""
                : "; did you mean " + String.join(" or ", suggestions.subList(0, Math.min(2, suggestions.size())))
                        + "?";
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return Exit.COMPLETE;
    }
}
