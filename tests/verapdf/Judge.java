import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.logging.LogManager;
import org.verapdf.core.VeraPDFException;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.processor.reports.enums.JobEndStatus;

/**
 * Judges the PDFs whose paths stand on standard input, each ended by a NUL, and answers with a line of JSON for each.
 *
 * <p>A line names its file by its number. What is wrong with a file is in its line; what is wrong with the judge ends the process.
 */
public final class Judge {
    private static final PrintStream ANSWERS = new PrintStream(System.out, true, StandardCharsets.US_ASCII);

    public static void main(String[] arguments) throws Exception {
        System.setOut(System.err);
        LogManager.getLogManager().reset();
        if (!PDFAFlavour.getFlavourIds().contains(arguments[0].toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("veraPDF knows no flavour " + arguments[0]);
        }
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(arguments[0]);
        VeraGreenfieldFoundryProvider.initialise();
        Foundries.defaultInstance().createValidator(flavour, false).close();
        String given = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        String[] paths = given.isEmpty() ? new String[0] : given.split("\0");
        for (int number = 0; number < paths.length; number++) {
            ANSWERS.println("{\"file\": " + number + ", " + answer(new File(paths[number]), flavour) + "}");
        }
        System.exit(ANSWERS.checkError() ? 1 : 0);
    }

    /** The verdict on a file with the tests that failed, or why there is none; an error of the machine is not caught. */
    private static String answer(File file, PDFAFlavour flavour) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            if (result.getJobEndStatus() != JobEndStatus.NORMAL || result.getTotalAssertions() == 0) {
                return unread(result.getJobEndStatus() + " after " + result.getTotalAssertions() + " tests");
            }
            return "\"compliant\": " + result.isCompliant() + ", \"failures\": " + failures(result);
        } catch (VeraPDFException | RuntimeException | StackOverflowError fault) {
            return unread(String.valueOf(fault));
        }
    }

    private static String failures(ValidationResult result) {
        StringJoiner listed = new StringJoiner(", ", "[", "]");
        for (TestAssertion test : result.getTestAssertions()) {
            if (test.getStatus() != TestAssertion.Status.PASSED) {
                String clause = quoted(test.getRuleId().getClause());
                String said = quoted(test.getMessage()) + ", " + quoted(test.getLocation().getContext());
                listed.add("[" + clause + ", " + test.getRuleId().getTestNumber() + ", " + said + "]");
            }
        }
        return listed.toString();
    }

    private static String unread(String reason) {
        return "\"unread\": " + quoted(reason);
    }

    /** A text as JSON, in ASCII; nothing at all is an empty text. */
    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char each : (text == null ? "" : text).toCharArray()) {
            boolean plain = each >= ' ' && each <= '~' && each != '"' && each != '\\';
            json.append(plain ? String.valueOf(each) : String.format("\\u%04x", (int) each));
        }
        return json.append('"').toString();
    }
}
